"""What the reading pages show: a day, a week, a customer, one booking. Rows go in, what a template writes comes out."""

"""Pages of the vouchers domain, one file a task of its users."""

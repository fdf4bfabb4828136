"""What staff may type about bookings. Text bounds are here; what it means is decided by the services."""

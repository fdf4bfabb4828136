"""What staff may type and choose about cards. Text bounds are here; what it means is decided by the services."""

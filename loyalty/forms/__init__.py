"""What staff may type about cards. Text bounds are here; what it means is decided by the services."""

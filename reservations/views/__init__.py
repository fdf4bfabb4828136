"""Pages of the bookings, one file a part of the screens."""

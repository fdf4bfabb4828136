"""What each page of a booking shows, as plain facts for its template."""

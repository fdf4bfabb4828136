"""What each page of a card or a visit shows, as plain facts for its template."""

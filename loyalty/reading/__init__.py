"""What the pages show that are read and not acted on, as plain facts for their templates."""

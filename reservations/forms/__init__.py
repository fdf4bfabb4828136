"""What staff may type or choose, one file a part of the screens."""

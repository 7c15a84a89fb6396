"""Routes of the room motivate."""

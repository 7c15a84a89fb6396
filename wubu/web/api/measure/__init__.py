"""Routes of the room measure."""

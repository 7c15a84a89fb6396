"""Routes of the room improve."""

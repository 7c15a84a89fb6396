"""Routes of the room collect."""

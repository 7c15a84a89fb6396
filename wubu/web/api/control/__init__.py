"""Routes of the room control."""

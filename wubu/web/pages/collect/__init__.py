"""Pages of the room collect: the collection plan, importing."""

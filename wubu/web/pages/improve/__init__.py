"""Pages of the room improve: reviews, actions."""

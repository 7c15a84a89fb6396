"""Reading records within an actor's permission."""

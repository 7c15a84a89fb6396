"""A form while it is filled in, and saving it."""

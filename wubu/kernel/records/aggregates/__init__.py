"""Roll-up fields and the rules about them."""

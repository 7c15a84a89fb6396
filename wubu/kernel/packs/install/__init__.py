"""Taking a pack over, and taking that back."""

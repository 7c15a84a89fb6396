"""What a pack says: shape, checks, sections, values."""

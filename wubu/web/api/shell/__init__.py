"""Routes about the caller and background work."""

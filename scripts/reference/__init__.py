"""One file per generated page of docs/reference; each has ``page() -> str``."""

"""Packs as files: read, put together, written."""

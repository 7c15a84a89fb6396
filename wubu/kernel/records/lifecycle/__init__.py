"""What becomes of a record: its stages, the recycle bin, deletion."""

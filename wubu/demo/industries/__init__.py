"""Small made-up companies of four industries. Their stories are those of the practice data."""

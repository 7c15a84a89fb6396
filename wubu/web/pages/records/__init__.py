"""Pages of one record: its form, its page, its past, its files."""

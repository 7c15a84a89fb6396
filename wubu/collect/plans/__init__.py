"""What the company collects: which fields of which objects, by whom, how often."""

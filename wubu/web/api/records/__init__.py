"""Routes of records: entries, forms, files, sharing, history."""

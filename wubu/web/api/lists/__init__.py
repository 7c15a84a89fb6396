"""Routes of views and of what lists do."""

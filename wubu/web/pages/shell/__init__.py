"""Pages around the rooms: signing in, Today, search, notices, my settings."""

"""Django's SQLite backend, in which writers of one process wait for each other in a line."""

"""Django's PostgreSQL backend with foreign keys that are not deferrable.

A workspace must be able to move to a distributed PostgreSQL, which has no deferrable keys; and a
key that is checked at once names the statement that broke it.
"""

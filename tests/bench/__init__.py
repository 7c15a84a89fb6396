"""The bench: each job's time beside the raw-SQL floor measured in the same run.

``python -m tests.bench --size M`` fills a company once per size and database, keeps it under
``var/bench``, and runs every job of ``jobs`` on it.
"""

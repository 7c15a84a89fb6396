"""A new release meets a database of an earlier one: what would happen, and doing it.

``plan`` looks and writes nothing, ``run`` carries out, ``copies`` keeps an SQLite file as it was.
"""

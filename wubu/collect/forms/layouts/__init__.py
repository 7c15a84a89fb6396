"""Layouts of forms: their definition, read and checked."""

"""Comparing configurations."""

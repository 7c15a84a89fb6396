"""Figures by person, team and period, and how they came about."""

"""Rules are dated: whatever a company may change (alerts, boards, points …) holds from a day on.

A room keeps its rules here under a section of its own; it decides what a definition means.
"""

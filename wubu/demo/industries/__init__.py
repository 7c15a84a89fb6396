"""Small made-up companies of four industries, and practice data for a workspace of one's own.

A ``Story`` tells what sellers did with customers up to today; the same seed tells the same story.
"""

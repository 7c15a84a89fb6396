"""Practice data: a made-up story of each pack, to look around with and to take out again.

A ``Story`` tells what sellers did with customers up to today; the same seed tells the same story.
"""

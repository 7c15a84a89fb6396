"""What people say about a record, whom they call, and who wants to know of it.

The room lies in step 1, above the door to the records: it asks the door who may see what, and the
kernel never needs it.
"""

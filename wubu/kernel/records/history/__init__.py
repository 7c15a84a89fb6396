"""The past of records: stages, stories, undo, recycle bin."""

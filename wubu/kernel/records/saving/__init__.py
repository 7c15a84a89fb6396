"""Writing records: from drafts to rows, log, parts and links."""

"""Pages of many records: lists, boards, calendars, views."""

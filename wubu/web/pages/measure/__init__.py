"""Pages of the room measure: cockpit, metrics, targets, scorecards."""

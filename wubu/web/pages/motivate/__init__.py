"""Pages of the room motivate: leaderboards, points."""

"""Pages of the room control: funnel, alerts, reminders."""

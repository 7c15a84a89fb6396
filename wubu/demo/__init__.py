"""Demo companies: made-up 明华传感, and the published Maven Analytics CRM data."""

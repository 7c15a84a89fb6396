"""Routes of setup: rules, objects, packs, people, logs."""

"""Pages of setup: people, roles, objects, packs, logs."""

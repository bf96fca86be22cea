"""Database, clock, ids and web helpers: what every slice stands on. Knows nothing of the field."""

"""The pages people live in: Today, the encounter workspace."""

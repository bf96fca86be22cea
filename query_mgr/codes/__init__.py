"""ICD-10-CM by effective date: loading, notes and search."""

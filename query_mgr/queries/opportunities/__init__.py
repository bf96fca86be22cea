"""The opportunity finder: which documentation gaps of a chart are worth a query, and why."""

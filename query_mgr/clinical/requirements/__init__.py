"""Requirements: what a chart must hold, as data, and the pure functions that look for it."""

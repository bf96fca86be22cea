"""Who did what to which record: an append-only chain of hashes that shows any later change."""

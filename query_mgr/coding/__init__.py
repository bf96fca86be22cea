"""Which codes an encounter has, in which order, and everything that changed them."""

"""Follow-up: when a provider is reminded, who hears of a silence, when an answer is due, and who may give it."""

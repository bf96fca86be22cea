"""Clinical knowledge as pure functions: conditions, criteria and what a text affirms."""

"""The query itself: templates, composer, compliance lint and lifecycle."""

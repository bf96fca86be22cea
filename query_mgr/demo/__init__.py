"""The demo hospital: made-up charts and queries in every state."""

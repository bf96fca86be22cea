"""From a signed answer to proposed and decided code changes."""

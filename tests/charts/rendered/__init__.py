"""One made-up chart, as each kind of interface would send it."""

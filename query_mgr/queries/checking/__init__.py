"""A site's old query library, read from CSV, JSON lines or plain text, and what the compliance lint finds in it. Pure.

`reading.read` makes queries of a file, `report.checked` lints them; docs/interfaces/query-check.md says what is read.
"""

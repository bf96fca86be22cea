"""The query template library: template files, the charts they fit, and their safe rendering.

`schema.parse` reads one file, `files.shipped` all that come with the product, `matching.suggest` picks those that
fit a chart, `render.render` writes the text. A new template is one new file; see docs/interfaces/templates.md.
"""

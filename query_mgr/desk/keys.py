"""The keys of a chart, as the page, the guide and static/reader.js have them."""

#: key, what it does
KEYS = (
    ("/", "Find in this chart"),
    ("j", "Next document in the list"),
    ("k", "Previous document in the list"),
    ("o or Enter", "Open the document in focus"),
    ("u", "Open the next unread document"),
    ("]", "Next section of the open document"),
    ("[", "Previous section of the open document"),
    ("n", "Next marked place in the open document"),
    ("g d", "Go to documents"),
    ("g r", "Go to results"),
    ("g m", "Go to medications"),
    ("g t", "Go to the timeline"),
    ("g c", "Go to codes, or to the clinical indicators of a draft"),
    ("s", "Attach the selected words to the draft"),
    ("?", "Show these keys"),
)

"""The keys of a chart and of the coding beside it, as the page, the guides and static/*.js have them."""

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
    ("q", "Go to what is worth asking"),
    (".", "Select the next sentence of the open document"),
    (",", "Select the sentence before"),
    ("s", "Attach the selected words to the draft"),
    ("?", "Show these keys"),
)

#: of a draft, as static/composer.js has them; the first three work in a field too
COMPOSER_KEYS = (
    ("Ctrl+Enter", "Send"),
    ("Ctrl+S", "Save now"),
    ("Esc", "Leave a field"),
    ("e", "Go to the question"),
    ("f", "Next finding; Enter applies its fix"),
    ("F", "Finding before"),
    ("i", "Go to the first clinical indicator"),
    ("Up and Down", "On an indicator: the one above or below"),
    ("Alt+Up and Alt+Down", "On an indicator: move it up or down"),
    ("Delete", "On an indicator: take it off"),
    ("v", "Show or hide what the provider will see"),
)

#: of the coding side, as static/coding.js has them
CODING_KEYS = (
    ("c", "Go to the code box"),
    ("n", "Next finding; from the chart, where it has no marked place"),
    ("N", "Previous finding"),
    ("g f", "Go to the findings"),
    ("g s", "Go to the status and what can be done next"),
    ("Enter", "On a finding: go to where it is fixed. On a code: open its details"),
    ("x", "On a finding: say why it may stand"),
    ("Up and Down", "On a code: the code above or below"),
    ("Alt+Up and Alt+Down", "On a code: move it up or down"),
    ("p", "On a diagnosis: make it principal or first-listed"),
    ("r", "On a diagnosis: replace it by what the code box finds"),
    ("l", "On a code: link it to what is chosen in the code box"),
    ("Delete", "On a code: remove it"),
    ("y n u w 1", "On a POA field: set it and go to the next that is empty"),
    ("Esc", "Leave a field, or close what is open"),
)

"""How the lint reads pairs of a diagnosis and what a chart says, by three writers who have not seen its tables.

`python -m tests.queries.lint_pairs` prints it. A line of tests/data/lint/pairs holds a label, a kind, the diagnosis and the text:
"support" is "for", "against" or "silent" (only the first carries an answer), "documented" is "yes" or "no".
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from query_mgr.queries.lint.exchange import answered

FOLDER = Path(__file__).parents[1] / "data/lint/pairs"
QUERY = {
    "id": "pair", "query_type": "multiple_choice", "purpose": "new_condition", "title": "Documentation clarification", "body": "",
    "question": "Based on your clinical judgment, what was treated?",
    "options": ["Other", "Unable to determine"], "documentation": "",
    "indicators": [{"text": "Seen daily; plan as ordered", "source": "Notes 3/2", "encounter": "current"}],
}  # fmt: skip


def is_found(kind: str, diagnosis: str, text: str) -> bool:
    """Return whether the lint finds the answer unsupported, or the question's diagnosis undocumented."""
    changed: dict[str, Any]
    if kind == "support":
        rule = "unsupported_option"
        told = [{"text": one.strip(), "source": "Chart 3/2", "encounter": "current"} for one in text.split(";")]
        changed = {"options": [diagnosis, *QUERY["options"]], "indicators": told}
    else:
        rule = "undocumented_diagnosis_in_question"
        question = f"Please clarify the cause of the {diagnosis}."
        changed = {"question": question, "documentation": text, "query_type": "open_ended", "options": []}
    return rule in {one["rule"] for one in answered({**QUERY, **changed})["findings"]}


def scores() -> Counter[tuple[str, str, bool]]:
    """Return how many pairs of each kind and label were found."""
    lines = (
        line.split("\t")
        for path in sorted(FOLDER.glob("*.tsv"))
        for line in path.read_text(encoding="utf-8").splitlines()
    )
    return Counter((kind, label, is_found(kind, diagnosis, text)) for label, kind, diagnosis, text in lines)


if __name__ == "__main__":
    counts = scores()
    for kind, label in sorted({one[:2] for one in counts}):
        found, passed = counts[kind, label, True], counts[kind, label, False]
        print(f"{kind:12} {label:8} found {found:4}  passed {passed:4}")

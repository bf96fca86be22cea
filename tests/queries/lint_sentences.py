"""How the rules of wording read 4,200 sentences by seven writers who have not seen them: `python -m tests.queries.lint_sentences`.

A line of tests/data/lint/sentences holds a label, the field that the sentence stands in, and the sentence. The label is what
it breaks, or a minus and the rule whose words it only shares.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from query_mgr.queries.lint.exchange import answered

FOLDER = Path(__file__).parents[1] / "data/lint/sentences"
QUERY = {
    "id": "sentence", "query_type": "multiple_choice", "purpose": "specificity", "title": "Documentation clarification",
    "body": "Heart failure is documented in the progress note of 3/2.",
    "question": "Based on your clinical judgment, please clarify the type and acuity of the heart failure.",
    "options": ["Acute systolic heart failure", "Chronic systolic heart failure", "Other", "Unable to determine"],
    "indicators": [{"text": "BNP 1,840, EF 30 %", "source": "Laboratory and echo 3/2", "encounter": "current"}],
    "documentation": "Attending: heart failure, furosemide IV.",
}  # fmt: skip


def found(field: str, sentence: str) -> set[str]:
    """Return the rules that find something in a query whose title or question is the sentence, or whose body goes on with it."""
    text = f"{QUERY['body']} {sentence}" if field == "body" else sentence
    return {one["rule"] for one in answered({**QUERY, field: text})["findings"]}


def scores() -> dict[str, Counter[str]]:
    """Return for each rule how many sentences were "found", "missed", "passed" and "wrongly found"."""
    counts: dict[str, Counter[str]] = {}
    for path in sorted(FOLDER.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            label, field, sentence = line.split("\t")
            said = found(field, sentence)
            for rule in label.removeprefix("-").split(","):
                is_near_miss = label.startswith("-")
                words = ("passed", "wrongly found") if is_near_miss else ("missed", "found")
                counts.setdefault(rule, Counter())[words[rule in said]] += 1
    return counts


if __name__ == "__main__":
    for rule, count in sorted(scores().items()):
        print(f"{rule:30} {dict(sorted(count.items()))}")

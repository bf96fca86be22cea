"""Whether the query's own indicators carry the diagnoses it offers (Q08), and what yes/no may ask (Q13)."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.clinical.assertions import NEGATED, assertion
from query_mgr.clinical.evidence import supports
from query_mgr.queries.lint.reading import Hit, Reading

_YES_NO_PURPOSES = frozenset({"poa", "clinical_validation", "cause_effect", "conflict"})


def unsupported(reading: Reading) -> Iterator[Hit]:
    """Yield options that name a condition neither documented nor pointed to by an indicator of this query.

    A diagnosis that the library does not know is left to the author.
    """
    texts = tuple(shown.low for shown in reading.indicators)
    for option in reading.clinical_options:
        named = set()
        for mention, condition in reading.undocumented(option.shown):
            said = assertion(option.shown.text, (mention.start, mention.end))
            if condition.id in named or said == NEGATED or supports(condition, texts):
                continue
            named.add(condition.id)
            message = f"No indicator of this query points to {condition.name.lower()}, and it is not documented."
            yield Hit(option.shown.field, option.shown.text.strip(), message)


def asks_new_diagnosis(reading: Reading) -> Iterator[Hit]:
    """Yield a yes/no query that would establish a diagnosis rather than confirm something documented."""
    draft = reading.draft
    if draft.query_type != "yes_no":
        return
    if draft.purpose not in _YES_NO_PURPOSES:
        message = "Yes/no may ask for POA, cause and effect, validation or conflict of documented conditions only."
        yield Hit("question", reading.question.excerpt(0, 100), message)
        return
    for mention, condition in reading.undocumented(reading.question):
        message = f"Asks yes/no about {condition.name.lower()}, which is not documented."
        yield reading.question.hit(mention.start, mention.end, message)
        return
    condition_asked = reading.library.get(draft.condition)
    if condition_asked and condition_asked.id not in reading.documented:
        message = f"Asks yes/no about {condition_asked.name.lower()}, which is not documented."
        yield Hit("question", reading.question.excerpt(0, 100), message)

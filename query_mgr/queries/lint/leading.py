"""What a title, question or body names that no provider has documented (Q06, Q07)."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.queries.lint.reading import Hit, Reading, Shown, plain


def title_leads(reading: Reading) -> Iterator[Hit]:
    """Yield what the title gives away: an undocumented diagnosis, or one of the options word for word."""
    yield from _names_undocumented(reading, reading.title)
    yield from _repeats_option(reading, reading.title)


def names_undocumented(reading: Reading) -> Iterator[Hit]:
    """Yield diagnoses in question and body that no provider has documented in this encounter."""
    yield from _names_undocumented(reading, reading.question)
    offered = {m.condition for option in reading.clinical_options for m in option.shown.mentions}
    in_body = {m.condition for m in reading.body.mentions}
    for hit, condition in _undocumented(reading, reading.body):
        if condition not in offered:
            yield hit
        elif not offered <= in_body | reading.documented:
            # a table of definitions is fine where it treats every option alike (Q16)
            yield Hit(hit.field, hit.excerpt, f"{hit.message} The other options are not described.", "warning")


def _undocumented(reading: Reading, shown: Shown) -> Iterator[tuple[Hit, str]]:
    named = set()
    for mention, condition in reading.undocumented(shown):
        if condition.id not in named:
            named.add(condition.id)
            message = f"Names {condition.name.lower()}, which no provider has documented in this encounter."
            yield shown.hit(mention.start, mention.end, message), condition.id


def _names_undocumented(reading: Reading, shown: Shown) -> Iterator[Hit]:
    for hit, _ in _undocumented(reading, shown):
        yield hit


def _repeats_option(reading: Reading, shown: Shown) -> Iterator[Hit]:
    """Yield the option that a text repeats word for word while it leaves the others out.

    Only an option that names a condition and is not already in the record steers; all options together do not.
    """
    if reading.draft.query_type == "yes_no":
        return
    text = f" {plain(shown.text)} "
    labels = [(plain(o.shown.text), bool(o.shown.mentions)) for o in reading.clinical_options]
    repeated = [label for label, _ in labels if label and label in text]
    if not repeated or (len(repeated) == len(labels) > 1):
        return
    for label, names_condition in labels:
        if label in repeated and names_condition and label not in reading.documentation:
            at = shown.low.find(label)
            yield shown.hit(
                max(at, 0),
                at + len(label) if at >= 0 else len(shown.text),
                f"Repeats the option “{label}” and none of the others.",
            )

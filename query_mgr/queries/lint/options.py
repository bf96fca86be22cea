"""The set of answers: enough of them, "other", "undetermined" (Q10, Q11, Q14, Q15)."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.queries.lint.kinds import ESCAPES, offers, rules_out
from query_mgr.queries.lint.reading import Hit, Option, Reading, plain
from query_mgr.queries.lint.support import unsupported


def too_few(reading: Reading) -> Iterator[Hit]:
    """Yield a choice that is none; one reasonable diagnosis may stand alone, with the author's reason."""
    if reading.draft.query_type == "open_ended":
        return
    answers = _distinct([option for option in reading.options if option.kind not in ESCAPES])
    if reading.draft.query_type == "yes_no":
        if len(answers) < 2:
            yield Hit("options", _list(answers), "A yes/no query needs both Yes and No.")
    elif not any(option.is_clinical for option in answers):
        yield Hit("options", _list(answers), "There is no clinical option to choose.")
    elif len(answers) == 1:
        if any(True for _ in unsupported(reading)):
            yield Hit("options", _list(answers), "The only diagnosis offered is one that nothing here points to.")
            return
        message = "Only one diagnosis is offered. That is allowed where no other is reasonable: give the reason."
        yield Hit("options", _list(answers), message, "warning")


def no_ruled_out(reading: Reading) -> Iterator[Hit]:
    """Yield a clinical validation whose choices do not hold that the diagnosis was ruled out or not confirmed (Q15)."""
    if reading.draft.query_type == "open_ended" or reading.draft.purpose != "clinical_validation":
        return
    if reading.options and not any(_rules_out(option) for option in reading.options):
        yield Hit("options", _list(reading.options), "A validation query offers that it was ruled out.")


def no_other(reading: Reading) -> Iterator[Hit]:
    """Yield a set of options without "Other"."""
    if _lacks(reading, "other"):
        yield Hit("options", _list(reading.options), "No option lets the provider answer in other words.")


def no_undetermined(reading: Reading) -> Iterator[Hit]:
    """Yield a set of options without "Clinically undetermined"."""
    if _lacks(reading, "undetermined"):
        yield Hit(
            "options", _list(reading.options), "No option lets the provider say that it cannot be determined."
        )


def _lacks(reading: Reading, kind: str) -> bool:
    return reading.draft.query_type != "open_ended" and not any(
        _offers(option, kind) for option in reading.options
    )


def _offers(option: Option, kind: str) -> bool:
    label = plain(option.shown.text)
    return option.kind == kind or offers(kind, label, names_diagnosis=bool(option.shown.names))


def _rules_out(option: Option) -> bool:
    return option.kind == "ruled_out" or rules_out(plain(option.shown.text))


def _distinct(options: list[Option]) -> list[Option]:
    by_label = {plain(option.shown.text): option for option in options if option.shown.text.strip()}
    return list(by_label.values())


def _list(options: tuple[Option, ...] | list[Option]) -> str:
    return " | ".join(option.shown.text.strip() for option in options)[:200]

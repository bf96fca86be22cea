"""Who the patient is does not belong in a title: it is what lists, notifications and subjects show first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from query_mgr.queries.lint.reading import Hit, Reading, plain

#: numbers that identify somebody, whoever it is: a record or account number, a social security or phone number, a birth date
_NUMBERS = re.compile(
    r"\b(?:mrn|csn|fin|acct|account|record (?:no|number)|ssn)\b[\s:#.]{0,4}[a-z]{0,3}-?\d{3,}"
    r"|\b(?:dob|born|date of birth|birth ?date)\b[\s:.]{0,4}(?:on )?(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}|[a-z]{3,9} \d{1,2},? \d{4})"
    r"|\b\d{3}-\d{2}-\d{4}\b|\b\d{3}[-. ]\d{3}[-. ]\d{4}\b|\b\d{6,}\b"
)
_ADDRESSED = r"(?:mr|mrs|ms|miss|patient|pt)\b\.?\s{{0,2}}{}\b"


def in_title(reading: Reading) -> Iterator[Hit]:
    """Yield names and numbers of the patient, and numbers that look like those of any, in the title."""
    title, who = reading.title, reading.draft.identity
    for found in _NUMBERS.finditer(title.low):
        yield title.hit(*found.span(), "The title holds a number that identifies a patient.")
        return
    for number in filter(None, who.numbers):
        if found_number := re.search(rf"(?<!\w){re.escape(plain(number))}(?!\w)", title.low):
            yield title.hit(*found_number.span(), "The title holds a number of this patient.")
            return
    family = plain(who.family_name)
    if family and (found_name := _name(family, plain(who.given_names)).search(title.low)):
        yield title.hit(*found_name.span(), "The title names the patient.")


def _name(family: str, given: str) -> re.Pattern[str]:
    """Return what finds a name as such: a family name alone may be a word ("Long", "Stone")."""
    last = re.escape(family)
    forms = [_ADDRESSED.format(last)]
    if first := given.split(" ")[0]:
        forms += [rf"{re.escape(first)}\b.{{0,20}}\b{last}\b", rf"{last}\b,?\s{{0,2}}{re.escape(first)}\b"]
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})")

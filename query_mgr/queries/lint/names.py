"""What title, question and body name that no provider has documented in this encounter (Q06, Q07, OCG I.A.19)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from query_mgr.clinical.assertions import NEGATED, assertion
from query_mgr.clinical.terms import Name, names
from query_mgr.clinical.terms.names import same_words
from query_mgr.clinical.terms.vocabulary import words
from query_mgr.queries.lint.authors import by_providers, is_report, speaks_of_elsewhere
from query_mgr.queries.lint.documented import Record
from query_mgr.queries.lint.findings import tells_with_source
from query_mgr.queries.lint.normalise import normalised
from query_mgr.queries.lint.reading import Hit, Reading, Shown, plain
from query_mgr.queries.lint.targets import singled_out

_CLAIM = re.compile(
    r"\b(?:documented|documents?|charted|charts|recorded|records|listed|lists|diagnosed|diagnoses|noted|notes|written|wrote|"
    r"carries|stated|states|on the problem list|per (?:dr|the attending|the provider|h&p)|is being treated|known|assessment)\b"
)
_NO_CLAIM = re.compile(r"\b(?:no (?:provider|physician|one)|not (?:been )?(?:documented|charted|recorded|listed|diagnosed)|nobody|undocumented|without documentation)\b")  # fmt: skip
#: a sign or a measure in plain words diagnoses nothing ("low sodium", "thyroid nodule")
_PLAIN_SIGN = re.compile(
    r"(?:low|high|elevated|raised|decreased|increased|abnormal) \w+\Z|.*\b(?:nodule|mass|lesion|swelling|lump|midline shift|mass effect|melena|hematemesis|hematochezia|hemoptysis|air leak|\w+uria)s?\Z",
    re.I,
)
#: what is to be written is not written yet
_ORDER = re.compile(
    r"\W*(?:please |kindly |just |then )*(?:insert|add|write|document|put|enter|record|list|state|include|change|update|amend|addend|code|chart|note)\b"
)
_QUOTED = re.compile(r"[:\u2013-] ?\"[^\"]+\"|\"[^\"]+\" ?[\u2013,-]? ?(?:per|by|dr\b)")
_WHETHER = re.compile(r"\bwhether\b.*\bor\b|\bwith or without\b|\bstatus\b|\bpresence or absence\b")
_ASKS_KIND = re.compile(r"\b(?:whether|which|what|or)\b")
_OPENS = re.compile(r"\b(?:whether|if|status|any)\b")
_WITHOUT = re.compile(r"(?:without|no|not|absence of|absent|uncomplicated|with and without)\b")
_DEFINES = re.compile(
    r"\b(?:definitions?|defined (?:as|by|in)|institutional (?:\w+ )?(?:criteria|policy|table)|reference table)\b"
)
_BACKGROUND = re.compile(
    r"\b(?:followed|follows|history|h/o|hx|pmh|known|status post|s/p|after|since|underlying|comorbid\w*|admitted|came in|on home|(?<!/)(?:19|20)\d\d)\b"
)
#: told of a diagnosis: it is what the query is about
_TREATED = re.compile(
    r"(?: ?\([^()]{0,60}\))?,? (?:was|is|has been|being|were|are) (?:being |then |now )?"
    r"(?:managed|treated|monitored|corrected|replaced|evaluated|addressed|followed|worked up|supplemented)\b"
)
_LINK = re.compile(r"\b(?:due to|related to|secondary to|caused by|from|with|in|of|and)\b", re.I)
#: values of one axis beside each other leave the choice open ("acute or chronic")
_TOGETHER = 2


def names_undocumented(reading: Reading) -> Iterator[Hit]:
    """Yield diagnoses that question and body name and no provider has documented in this encounter."""
    named = list(_hits(reading, reading.question))
    yield from named or _named_by_a_part(reading)
    for name, hit in _undocumented(reading, reading.body):
        sentence = reading.body.sentence(name.start)
        if (
            assertion(reading.body.text, (name.start, name.end)) == NEGATED
            or is_report(sentence)
            or speaks_of_elsewhere(sentence)
        ):
            continue
        is_told = _is_background(reading, sentence) and not _TREATED.match(reading.body.low, name.end)
        if not _defines_all(reading) and (_is_asked(reading, name) or not is_told):
            yield hit


def _named_by_a_part(reading: Reading) -> Iterator[Hit]:
    """Yield the word by which the question names one of the diagnoses offered ("a subdural"), none of them documented."""
    if reading.draft.purpose != "new_condition" or reading.draft.query_type != "multiple_choice":
        return
    offered = [name for option in reading.clinical_options for name in option.shown.names]
    if any(reading.record.names(name) for name in offered):
        return
    cores = frozenset(word for name in offered for word in name.core)
    for start, end in singled_out(reading, reading.question):
        word = reading.question.text[start:end]
        if set(same_words(word)) <= cores and not _ASKS_KIND.search(reading.question.low):
            yield reading.question.hit(
                start, end, f"Says “{word}”, which is part of one of the answers and not documented."
            )
            return


def title_names_undocumented(reading: Reading) -> Iterator[Hit]:
    """Yield what the title gives away: a diagnosis that no provider has documented, or one of the answers."""
    hits = list(_hits(reading, reading.title))
    yield from hits or _repeated(reading, reading.title)


def _repeated(reading: Reading, shown: Shown) -> Iterator[Hit]:
    """Yield the answer that a text repeats word for word while it leaves others out."""
    text = plain(shown.text)
    labels = [plain(option.shown.text) for option in reading.clinical_options]
    repeated = [one for one in labels if " " in one and one in text]
    if repeated:
        told = "\n".join(plain(normalised(one)) for one in reading.draft.documentation)
        repeated = [one for one in repeated if one not in told]
    if repeated and (len(repeated) < len(labels) or len(labels) == 1):
        at = max(shown.low.find(repeated[0]), 0)
        yield shown.hit(at, at + len(repeated[0]), f"Repeats the answer “{repeated[0]}” and not the others.")


def undocumented(reading: Reading, shown: Shown) -> Iterator[Name]:
    """Yield the diagnoses that a text names and that are not documented, or not so narrowly."""
    for name in shown.names:
        if (
            # a finding may be named, but not asked whether the patient has it
            not (_is_sign(shown, name) and reading.draft.query_type != "yes_no")
            and not reading.record.says(name)
            and not _is_open(reading, shown, name)
            and not _is_one_of_two(reading, shown, name)
            and not _is_link(reading, shown, name)
            and not _is_claimed(reading, name)
        ):
            yield name


def _is_sign(shown: Shown, name: Name) -> bool:
    return name.is_finding or bool(_PLAIN_SIGN.match(shown.text[name.start : name.end]))


def _hits(reading: Reading, shown: Shown) -> Iterator[Hit]:
    for _, hit in _undocumented(reading, shown):
        yield hit


def _undocumented(reading: Reading, shown: Shown) -> Iterator[tuple[Name, Hit]]:
    named = set()
    for name in undocumented(reading, shown):
        if name.concept in named:
            continue
        named.add(name.concept)
        said = shown.text[name.start : name.end]
        if reading.record.names(name):
            more = " and ".join(sorted(reading.record.narrower(name)))
            message = f"Says “{said}”; no provider has documented that it is {more}."
        else:
            message = f"Names “{said}”, which no provider has documented in this encounter."
        yield name, shown.hit(name.start, name.end, message)


def _is_open(reading: Reading, shown: Shown, name: Name) -> bool:
    """Say whether the diagnosis is documented and the text leaves open what narrows it ("acute or chronic")."""
    missing = reading.record.narrower(name)
    if not missing or not reading.record.names(name):
        return False
    axes = {words().axis_of.get(one, one.split()[0]) for one in missing}
    said = [words().axis_of.get(one, one.split()[0]) for one in shown.qualities]
    return all(said.count(axis) >= _TOGETHER for axis in axes)


def _is_claimed(reading: Reading, name: Name) -> bool:
    """Say whether the body reports it as documented and the documentation says nothing against it, perhaps in letters we do not know."""
    claims = [one for one in reading.body.names if _is_narrower(one, name)]
    if not any(_claims(reading.body.sentence(one.start)) for one in claims):
        return False
    return reading.record.names(name) or not _is_contradicted(reading, name)


def _is_narrower(one: Name, name: Name) -> bool:
    return name.qualities <= one.qualities and (
        one.concept == name.concept or (bool(name.core) and name.core <= one.core)
    )


def _claims(sentence: str) -> bool:
    """Say whether a sentence (lower case) reports what a provider wrote: in words, or behind a label as a quotation."""
    if (
        _NO_CLAIM.search(sentence)
        or _ORDER.match(sentence)
        or is_report(sentence)
        or speaks_of_elsewhere(sentence)
    ):
        return False
    return bool(_CLAIM.search(sentence)) or (bool(_QUOTED.search(sentence)) and bool(by_providers(sentence)))


def _is_contradicted(reading: Reading, name: Name) -> bool:
    """Say whether the documentation denies the diagnosis, or others than providers of this encounter name it."""
    prior = (one.text for one in reading.draft.indicators if one.scope == "prior")
    said_by_none = (*reading.draft.others, *reading.draft.elsewhere, *prior)
    return reading.record.denies(name) or Record(normalised(text) for text in said_by_none).names(name)


def _is_asked(reading: Reading, name: Name) -> bool:
    """Say whether the query is about a diagnosis: its condition, an option, or named in the question."""
    asked = {
        one.concept
        for shown in (reading.question, *(o.shown for o in reading.clinical_options))
        for one in shown.names
    }
    return name.concept in asked or name.concept == reading.draft.condition


def _is_link(reading: Reading, shown: Shown, name: Name) -> bool:
    """Say whether a name ties two documented diagnoses together ("anemia due to CKD")."""
    parts = [names(part) for part in _LINK.split(shown.text[name.start : name.end])]
    return len(parts) > 1 and all(part and all(reading.record.says(one) for one in part) for part in parts)


def _is_background(reading: Reading, sentence: str) -> bool:
    """Say whether a sentence of the body may tell what is not asked: it tells of the past or cites its source."""
    return bool(_BACKGROUND.search(sentence)) or tells_with_source(sentence)


def _is_one_of_two(reading: Reading, shown: Shown, name: Name) -> bool:
    """Say whether a documented diagnosis is asked for its complication, left open ("whether the hernia had gangrene or not")."""
    sentence = shown.sentence(name.start)
    both = _OPENS.search(sentence) and any(_WITHOUT.match(plain(one.shown.text)) for one in reading.options)
    if not both and not _WHETHER.search(sentence):
        return False
    return any(
        one.concept != name.concept and shown.sentence(one.start) == sentence and reading.record.names(one)
        for one in shown.names
    )


def _defines_all(reading: Reading) -> bool:
    """Say whether the body treats all options alike, as a table of definitions does (Q16)."""
    offered = [option for option in reading.clinical_options if option.shown.names]
    described = {one.concept for one in reading.body.names}
    enough = 1 if _DEFINES.search(reading.body.low) else _TOGETHER
    return len(offered) >= enough and all(
        any(one.concept in described for one in option.shown.names) for option in offered
    )

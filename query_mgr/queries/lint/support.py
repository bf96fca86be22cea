"""Whether the query's own indicators carry the diagnoses it offers (Q08), and what yes/no may ask (Q13)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from query_mgr.clinical.assertions import NEGATED, assertion
from query_mgr.clinical.bearing import Bearing, Row, Weight, says, weigh
from query_mgr.clinical.bearing.sides import on_the_other_side
from query_mgr.clinical.evidence import supports, values
from query_mgr.clinical.labs import labs
from query_mgr.clinical.library import load
from query_mgr.clinical.terms import Name, system_of, touches
from query_mgr.clinical.terms.names import expanded, same_words
from query_mgr.clinical.terms.signs import is_described, systems_of, touches_system
from query_mgr.clinical.terms.vocabulary import same_word
from query_mgr.queries.lint.findings import tells_with_source
from query_mgr.queries.lint.names import undocumented
from query_mgr.queries.lint.normalise import lowered
from query_mgr.queries.lint.reading import Hit, Option, Reading
from query_mgr.queries.lint.targets import told_apart

#: an indicator that finds nothing
_NOTHING = re.compile(
    r"(?:[\w /-]{1,20}: ?)?(?:no|without|negative|neg|normal)\b[^;]*\Z|[^;,]*\b(?:negative|normal|patent|unremarkable)\W*\Z"
)
#: a test of it that came out negative, a vessel that is open
_NEGATIVE = re.compile(
    r"(?:[ -](?:(?:immuno)?stain\w*|pcr|antigen|antibod\w+|culture|screen|test\w*|serolog\w+|swab|titer|dfa|smear|igm|igg|dna|rna|s|is|are|was|were|level))*"
    r"[ :-]+(?:negative|neg|normal|patent|absent|not (?:seen|found|present|detected)|undetect\w+|unremarkable|ruled out|excluded|none)\b"
)
#: characters of what speaks against an answer that a message shows
_QUOTED = 120
_YES_NO_PURPOSES = frozenset({"poa", "clinical_validation", "cause_effect", "conflict", ""})


def unsupported(reading: Reading) -> Iterator[Hit]:
    """Yield options that name a diagnosis neither documented nor pointed to by what the query shows.

    A query without indicators is for another rule, and what only a prior encounter supports for yet another.
    """
    if not reading.facts or not (reading.draft.indicators or tells_with_source(reading.body.low)):
        return
    for option, telling in zip(reading.clinical_options, told_apart(reading), strict=True):
        if message := _objection(reading, option, telling):
            yield Hit(option.shown.field, option.shown.text.strip(), message)


def _objection(reading: Reading, option: Option, telling: frozenset[str]) -> str:
    """Return why nothing of this case carries an option, "" where something does or only a prior encounter."""
    weight = _weight(reading, option, reading.told_here)
    if weight.bearing is Bearing.SPEAKS_AGAINST:
        if _by_prior(reading, option):
            return ""
        return f"“{_short(weight.told)}” speaks against “{option.shown.text.strip()}” and nothing speaks for it."
    if told := on_the_other_side(option.shown.low, reading.told_here):
        return f"“{_short(told)}” speaks of the other side than “{option.shown.text.strip()}”."
    for name in _unsupported_names(reading, option, weight):
        if not supported(name, reading.prior_facts):
            return f"Nothing in this query points to “{_said(option, name)}”, and it is not documented."
        return ""
    if reading.draft.purpose != "clinical_validation" and (word := _denied(reading, option, telling)):
        return f"The indicators speak against “{word}” and nothing speaks for it."
    return ""


def _weight(reading: Reading, option: Option, told: tuple[str, ...]) -> Weight:
    """Return how what is told bears on an option, by the table of the clinical library."""
    record, named = reading.record, tuple(_asserted(option))
    if reading.draft.purpose == "clinical_validation" and any(map(record.names, named)):
        return Weight(Bearing.SILENT)  # what is thinly supported is the very question

    def is_documented(name: Name | None, row: Row) -> bool:
        if name is None:
            return _is_said(row) or (not row.is_axis and bool(named) and all(map(record.says, named)))
        if row.says:
            return record.names(name) and _is_said(row)
        return record.says(name) if row.is_axis else record.names(name)

    def _is_said(row: Row) -> bool:
        return any(says(row, lowered(text)) for text in record.texts)

    return weigh(option.shown.low, named, told, reading.found_here, is_documented)


def _by_prior(reading: Reading, option: Option) -> bool:
    if not reading.prior_facts:
        return False
    return _weight(reading, option, reading.prior_facts).bearing is Bearing.SPEAKS_FOR or any(
        supported(name, reading.prior_facts) for name in _asserted(option)
    )


def _short(told: str) -> str:
    text = " ".join(told.split())
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED].rsplit(' ', 1)[0]} …"


def _denied(reading: Reading, option: Option, telling: frozenset[str]) -> str:
    """Return a word that sets an answer apart and that indicators name only to deny it ("CMV immunostain negative").

    None where a sign that we know speaks for the answer.
    """
    if any(touches(name.concept, text) for name in option.shown.names for text in reading.facts):
        return ""
    found: dict[str, bool] = {}
    for text in reading.current:
        for word in expanded(text):
            said = same_word(word.text)
            if said in telling:
                found[said] = found.get(said, True) and _is_denied(text, (word.start, word.end))
    return next(iter(found), "") if found and all(found.values()) else ""


def _is_denied(text: str, place: tuple[int, int]) -> bool:
    return assertion(text, place) == NEGATED or bool(_NEGATIVE.match(text, place[1]))


def from_prior_only(reading: Reading) -> Iterator[tuple[Option, Name]]:
    """Yield options with a diagnosis that nothing but a prior encounter supports."""
    for option in reading.clinical_options:
        weight = _weight(reading, option, reading.told_here)
        if weight.bearing is Bearing.SPEAKS_AGAINST:
            names_ = tuple(_asserted(option))[:1] if _by_prior(reading, option) else ()
        else:
            unsupported_ = _unsupported_names(reading, option, weight)
            names_ = tuple(name for name in unsupported_ if supported(name, reading.prior_facts))[:1]
        yield from ((option, name) for name in names_)


def supported(name: Name, texts: Iterable[str]) -> bool:
    """Say whether texts (lower case) point to a diagnosis: its words, its signs, its values.

    A diagnosis that we know nothing of is supported, unless it is of an organ system that no text speaks of.
    """
    told = tuple(texts)
    if not told:
        return False
    if _spelled(name, told):
        return True
    condition = load().get(name.concept) or load().get(name.kind_of)
    if condition and supports(condition, told):
        return True
    touched = [touches(name.concept, text) for text in told]
    if any(touched):
        return True
    if condition or touched[0] is not None:
        return False
    system = system_of(name.concept)
    return not system or not is_described(name.concept) or any(touches_system(system, text) for text in told)


def asks_new_diagnosis(reading: Reading) -> Iterator[Hit]:
    """Yield a yes/no query that would establish a diagnosis rather than confirm something documented."""
    draft = reading.draft
    if draft.query_type != "yes_no":
        return
    if draft.purpose not in _YES_NO_PURPOSES:
        message = "Yes/no may ask for POA, cause and effect, validation or conflict of documented conditions only."
        yield Hit("question", reading.question.excerpt(0, 100), message)
        return
    for name in undocumented(reading, reading.question):
        said = reading.question.text[name.start : name.end]
        yield reading.question.hit(name.start, name.end, f"Asks yes/no about “{said}”, which is not documented.")
        return
    asked = reading.library.get(draft.condition)
    if asked and not _names_any(reading) and asked.id not in reading.record.concepts:
        message = f"Asks yes/no about {asked.name.lower()}, which is not documented."
        yield Hit("question", reading.question.excerpt(0, 100), message)


def _names_any(reading: Reading) -> bool:
    return any(shown.names for shown in (reading.question, reading.body, reading.title))


def _unsupported_names(reading: Reading, option: Option, weight: Weight) -> Iterator[Name]:
    """Yield what an option names that is not documented and that neither the table (`weight`) nor a sign supports."""
    for name in _asserted(option):
        if not (
            name.concept in weight.carried
            or name.kind_of in weight.carried
            or reading.record.names(name)
            or supported(name, reading.facts)
            or _by_treatment(name, reading)
            or _left_over(reading, name, is_weighed=weight.bearing is Bearing.LACKS)
        ):
            yield name


def _asserted(option: Option) -> Iterator[Name]:
    for name in option.shown.names:
        if assertion(option.shown.text, (name.start, name.end)) != NEGATED:
            yield name


def _left_over(reading: Reading, name: Name, *, is_weighed: bool) -> bool:
    """Say whether an indicator is left that speaks for no other option and no documented diagnosis.

    Its author may know that it speaks for this one, which then is not called unsupported.
    is_weighed: whether the table knows what the diagnosis needs, so that an indicator must speak of its organ system.
    """
    others = [
        one for option in reading.clinical_options for one in _asserted(option) if one.concept != name.concept
    ]
    carried = [one for one in others if supported(one, reading.facts)]
    return bool(carried) and any(
        _may_speak_for(name, fact, is_weighed)
        and not _NOTHING.match(fact)
        and not any(supported(one, (fact,)) for one in carried)
        and not any(touches(concept, fact) for concept in reading.record.concepts)
        for fact in reading.current
    )


def _may_speak_for(name: Name, fact: str, is_weighed: bool) -> bool:
    """Say whether a text speaks of the diagnosis's organ system, and of none of its measurements, which are normal here."""
    condition = load().get(name.concept)
    system = system_of(name.concept) if is_weighed else ""
    systems = (system,) if system else systems_of(name.concept)
    if systems and not any(touches_system(system, fact) for system in systems):
        return False
    return not condition or not any(True for one in condition.labs for _ in values(labs()[one.lab], fact))


def _by_treatment(name: Name, reading: Reading) -> bool:
    """Say whether title, question or body tell of a sign, such as a value or a treatment."""
    return any(touches(name.concept, shown.low) for shown in (reading.title, reading.question, reading.body))


def _spelled(name: Name, texts: tuple[str, ...]) -> bool:
    """Say whether a text holds the words of the name, and does not deny them."""
    for text in texts:
        if name.core and name.core <= set(same_words(text)):
            said = [one for one in _places(name, text) if assertion(text, one) != NEGATED]
            if said:
                return True
    return False


def _places(name: Name, text: str) -> list[tuple[int, int]]:
    return [(word.start, word.end) for word in expanded(text) if same_word(word.text) in name.core][-1:]


def _said(option: Option, name: Name) -> str:
    return option.shown.text[name.start : name.end]

"""What level of medical decision making a visit's record supports, and what is missing to the next. Pure.

It counts what a person ticked; it reads no chart and assigns no code. The element names are our own words.

Source of the concept: AMA, CPT Evaluation and Management (E/M) Services Guidelines, 2021 (office and other outpatient
visits) and 2023 (hospital inpatient and observation care, emergency department): levels of medical decision making, two
of the three elements; or total time on the date of the encounter, where the kind of visit allows it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

LEVELS = ("straightforward", "low", "moderate", "high")


@dataclass(frozen=True)
class Element:
    """Something that a record may show. `level` is the one that it reaches alone (index into LEVELS)."""

    key: str
    text: str
    level: int


#: number and complexity of the problems that were addressed
PROBLEMS = (
    Element("p-minor", "One problem that is minor or will pass by itself", 0),
    Element("p-minors", "Two or more problems that are minor or will pass by themselves", 1),
    Element("p-stable", "One chronic illness that is stable (at its treatment goal)", 1),
    Element("p-acute", "One acute illness or injury without complication, or one acute illness that is stable", 1),
    Element("p-acute-bed", "One acute illness or injury without complication that needs hospital-level care", 1),
    Element("p-worse", "One or more chronic illnesses that got worse, progress, or suffer from treatment", 2),
    Element("p-stables", "Two or more chronic illnesses that are stable", 2),
    Element("p-undiagnosed", "One new problem without a diagnosis whose outcome is uncertain", 2),
    Element("p-systemic", "One acute illness with systemic symptoms", 2),
    Element("p-injury", "One acute injury that is complicated", 2),
    Element(
        "p-severe", "One or more chronic illnesses that got severely worse or suffer severely from treatment", 3
    ),
    Element("p-threat", "An illness or injury that threatens life or a bodily function in the near term", 3),
)

#: risk of complications, morbidity or mortality of how the patient is managed
RISK = (
    Element("r-minimal", "Minimal risk from tests or treatment", 0),
    Element("r-low", "Low risk from tests or treatment", 1),
    Element("r-drug", "A prescription drug is managed", 2),
    Element("r-minor-op", "Minor surgery is decided on, with risk factors of the patient or the procedure", 2),
    Element("r-major-op", "Elective major surgery is decided on, without such risk factors", 2),
    Element("r-social", "Social circumstances limit diagnosis or treatment significantly", 2),
    Element("r-toxic", "Drug therapy that needs intensive monitoring for toxicity", 3),
    Element("r-major-op-risk", "Elective major surgery is decided on, with risk factors", 3),
    Element("r-emergency-op", "Emergency major surgery is decided on", 3),
    Element("r-admit", "Admission, or a step up in hospital-level care, is decided on", 3),
    Element(
        "r-limits", "Not to resuscitate, or to step care down, is decided on because the prognosis is poor", 3
    ),
    Element("r-opioid", "A parenteral controlled substance is given", 3),
)

#: of category 1 each one counts: key, text
COUNTED = (
    ("notes", "Notes from outside reviewed, one for each source"),
    ("results", "Results of tests reviewed, one for each test"),
    ("orders", "Tests ordered, one for each test (its result is then not counted again)"),
)
HISTORIAN = ("historian", "Somebody other than the patient gave a history that was needed")
INTERPRETED = ("interpreted", "A test was interpreted independently, and is not billed separately")
DISCUSSED = (
    "discussed",
    "Management or a test was discussed with a physician or professional of another group or specialty, or with "
    "another source that matters for the care, such as a case manager",
)
DATA = (HISTORIAN, INTERPRETED, DISCUSSED)
MOST_COUNTED = 99


@dataclass(frozen=True)
class Visit:
    """A kind of visit. minutes: total time on the date that the levels need, () where time does not decide."""

    key: str
    name: str
    minutes: tuple[tuple[str, int], ...] = ()


VISITS = {
    one.key: one
    for one in (
        Visit("office-new", "Office or other outpatient, new patient",
              (("straightforward", 15), ("low", 30), ("moderate", 45), ("high", 60))),
        Visit("office", "Office or other outpatient, established patient",
              (("straightforward", 10), ("low", 20), ("moderate", 30), ("high", 40))),
        Visit("hospital-first", "Hospital inpatient or observation, initial",
              (("low", 40), ("moderate", 55), ("high", 75))),
        Visit("hospital-next", "Hospital inpatient or observation, subsequent",
              (("low", 25), ("moderate", 35), ("high", 50))),
        Visit("hospital-one-day", "Hospital inpatient or observation, admitted and discharged on one date",
              (("low", 45), ("moderate", 70), ("high", 85))),
        Visit("emergency", "Emergency department (time does not decide)"),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Ticked:
    """What a person found in the record. keys: of PROBLEMS, RISK and DATA; counts: of COUNTED."""

    visit: str
    keys: frozenset[str] = frozenset()
    counts: Mapping[str, int] | None = None
    minutes: int = 0

    def count(self, *names: str) -> int:
        """Return how many of these of category 1 there are."""
        return sum((self.counts or {}).get(name, 0) for name in names)


@dataclass(frozen=True)
class Support:
    """What is supported. Levels are indices into LEVELS, None where nothing is ticked.

    missing: to the next level, element by element; two of its lines are enough less `reached`.
    """

    problems: int | None
    data: int
    risk: int | None
    decision: int | None
    time: int | None
    next_level: int | None
    reached: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]

    @property
    def level(self) -> int | None:
        """The level that decision making or time supports, whichever is higher."""
        return max((one for one in (self.decision, self.time) if one is not None), default=None)


def supported(ticked: Ticked) -> Support:
    """Return the level that a visit supports. Raises KeyError for a kind of visit that is not in VISITS."""
    problems, risk = _highest(PROBLEMS, ticked.keys), _highest(RISK, ticked.keys)
    data = _data(ticked)
    three = {"Problems": problems, "Data": data, "Risk": risk}
    known = sorted((-1 if one is None else one for one in three.values()), reverse=True)
    decision = known[1] if known[1] >= 0 else None
    wanted = 0 if decision is None else decision + 1
    following = wanted if wanted < len(LEVELS) else None
    reached, missing = _missing(three, following, ticked)
    return Support(problems, data, risk, decision, _time(ticked), following, reached, missing)


def _highest(elements: Collection[Element], keys: Collection[str]) -> int | None:
    return max((one.level for one in elements if one.key in keys), default=None)


def _data(ticked: Ticked) -> int:
    """Return the level of the data. An independent historian is category 2 of "limited", category 1 above it."""
    historian = HISTORIAN[0] in ticked.keys
    counted = ticked.count(*(key for key, _ in COUNTED))
    categories = [counted + historian >= 3, INTERPRETED[0] in ticked.keys, DISCUSSED[0] in ticked.keys]
    if sum(categories) >= 2:
        return 3
    if any(categories):
        return 2
    return 1 if counted >= 2 or historian else 0


def _time(ticked: Ticked) -> int | None:
    met = [LEVELS.index(level) for level, minutes in VISITS[ticked.visit].minutes if ticked.minutes >= minutes]
    return max(met, default=None)


def _missing(
    three: Mapping[str, int | None], following: int | None, ticked: Ticked
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    if following is None:
        return (), ()
    reached = tuple(name for name, level in three.items() if level is not None and level >= following)
    lacking = [name for name in three if name not in reached]
    return reached, tuple((name, _how(name, following, ticked)) for name in lacking)


def _how(name: str, level: int, ticked: Ticked) -> str:
    if name != "Data":
        elements = PROBLEMS if name == "Problems" else RISK
        return "; or ".join(_small(one.text) for one in elements if one.level == level)
    counted = ticked.count(*(key for key, _ in COUNTED))
    if level == 1:
        return f"{_more(2 - counted)}; or a history from somebody else"
    together = counted + (HISTORIAN[0] in ticked.keys)
    ways = {
        f"{_more(3 - together)} or history from somebody else": together >= 3,
        "an independent interpretation of a test": INTERPRETED[0] in ticked.keys,
        "a discussion with somebody outside": DISCUSSED[0] in ticked.keys,
    }
    needed = (2 if level == 3 else 1) - sum(ways.values())
    return ("two of: " if needed == 2 else "") + "; or ".join(text for text, holds in ways.items() if not holds)


def _more(count: int) -> str:
    return f"{count} more note, result or order" if count == 1 else f"{count} more notes, results or orders"


def _small(text: str) -> str:
    return text[0].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text

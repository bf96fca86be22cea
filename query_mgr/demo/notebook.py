"""Who writes which note of a stay, when, and under which headings."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from query_mgr.demo import notes
from query_mgr.demo.charts import LABS, VITALS, Reading
from query_mgr.demo.people import NON_PROVIDERS, NURSES, DemoProvider, NonProvider

if TYPE_CHECKING:
    from query_mgr.demo.authoring import Stay

#: How a progress note names the usual labs, in the order clinicians read them.
_SHORT = {
    "wbc": "WBC",
    "hgb": "Hgb",
    "plt": "Plt",
    "na": "Na",
    "k": "K",
    "hco3": "HCO3",
    "bun": "BUN",
    "creatinine": "Cr",
    "glucose": "glucose",
    "lactate": "lactate",
    "bnp": "BNP",
    "troponin": "hs-troponin I",
    "inr": "INR",
    "magnesium": "Mg",
    "lipase": "lipase",
    "bilirubin": "T bili",
}
_VISIT_TITLES = {"emergency": "Emergency department note", "ambulatory": "Clinic visit note"}


@dataclass(frozen=True)
class Draft:
    """A note before it is written."""

    at: datetime
    kind: str
    title: str
    author_name: str
    author_role: str
    author_key: str | None
    parts: tuple[tuple[str, str], ...]

    def write(self, vocabulary: Mapping[str, str], rng: random.Random) -> notes.Written:
        """Return the note, filled and signed."""
        return notes.write(self.parts, vocabulary, rng, self.author_name)


def _by_provider(
    who: DemoProvider, role: str, at: datetime, kind: str, title: str, parts: tuple[tuple[str, str], ...]
) -> Draft:
    name = f"{who.record.name}, {who.record.credentials}"
    return Draft(at, kind, title, name, role, who.record.source_key, parts)


def _by_other(who: NonProvider, at: datetime, kind: str, title: str, parts: tuple[tuple[str, str], ...]) -> Draft:
    return Draft(at, kind, title, who.name, who.author_role, None, parts)


def _headings(stay: Stay) -> Mapping[str, str]:
    """Return the headings this stay's attending keeps to."""
    return notes.HEADINGS[len(stay.attending.record.name) % len(notes.HEADINGS)]


def _lab_line(readings: Mapping[str, Reading], since: datetime, until: datetime) -> str:
    """Return the labs of a time span as a note quotes them."""
    short = {LABS[name].loinc: label for name, label in _SHORT.items()}
    latest = {
        each.measure.loinc: each
        for each in sorted(readings.values(), key=lambda each: each.at)
        if each.kind == "lab" and since < each.at <= until and each.measure.loinc in short
    }
    line = ", ".join(f"{label} {latest[code].text}" for code, label in short.items() if code in latest)
    return f"Labs: {line}." if line else "No new labs."


def _vital_line(stay: Stay, readings: Mapping[str, Reading], at: datetime) -> str:
    """Return the vital signs nearest before `at` as a note quotes them."""
    now: dict[str, str] = {}
    place = 0
    for name, reading in readings.items():
        if reading.kind == "vital" and reading.at <= at:
            vital, _, number = name.partition(".")
            now[vital] = reading.text
            place = max(place, int(number))
    if not set(VITALS) - {"weight", "bmi"} <= set(now):
        return ""
    oxygen = stay.scenario.oxygen[min(place, len(stay.scenario.oxygen) - 1)]
    return (
        f"T {now['temp']} C, HR {now['hr']}, RR {now['rr']}, BP {now['sbp']}/{now['dbp']}, "
        f"SpO2 {now['spo2']}% on {oxygen}."
    )


def _opening(stay: Stay, readings: Mapping[str, Reading]) -> Iterator[Draft]:
    """Yield the first note: history and physical, or the visit note of a stay of one day."""
    scenario, heads = stay.scenario, _headings(stay)
    is_visit = scenario.encounter_class in _VISIT_TITLES
    at = stay.admitted_at + timedelta(minutes=20 if is_visit else 100 + stay.rng.randrange(90))
    at = min(at, stay.left_at - timedelta(minutes=10))
    vital_line = _vital_line(stay, readings, at)
    parts = (
        (heads["complaint"], scenario.reason),
        (heads["hpi"], scenario.hpi),
        (heads["pmh"], scenario.pmh),
        (heads["home"], scenario.home),
        (heads["allergies"], scenario.allergies),
        (heads["social"], scenario.social or notes.SOCIAL),
        (heads["ros"], notes.ROS),
        (heads["exam"], f"{vital_line} {scenario.exam}"),
        (heads["results"], "" if is_visit else _lab_line(readings, stay.admitted_at, at)),
        (heads["plan"], scenario.plan),
    )
    kind = {"emergency": "emergency_note", "ambulatory": "progress_note"}.get(
        scenario.encounter_class, "history_and_physical"
    )
    title = _VISIT_TITLES.get(scenario.encounter_class, "History and physical")
    yield _by_provider(stay.attending, "attending", at, kind, title, parts)
    if scenario.ed:
        ed_parts = (("ED COURSE AND MEDICAL DECISION MAKING", scenario.ed), ("DISPOSITION", "Admit."))
        physician = stay.providers["emergency"]
        early = stay.admitted_at + timedelta(minutes=70)
        yield _by_provider(physician, "consultant", early, "emergency_note", "Emergency department note", ed_parts)


def _progress_author(stay: Stay, day: int) -> tuple[DemoProvider, str]:
    """Return who rounds on a day: the attending, or the hospitalists' NP or PA every third day."""
    if stay.attending.key.startswith("hospitalist") and day % 3 == 2:
        return stay.providers[stay.rng.choice(("hospitalist_np", "hospitalist_pa"))], "advanced_practice"
    return stay.attending, "attending"


def _days(stay: Stay, readings: Mapping[str, Reading]) -> Iterator[Draft]:
    """Yield a progress note per full day in between."""
    heads = _headings(stay)
    nights = (stay.left_at.date() - stay.admitted_at.date()).days
    for day in range(1, nights):
        at = (stay.admitted_at + timedelta(days=day)).replace(hour=8, minute=stay.rng.randrange(60))
        written = stay.scenario.progress
        interval, plan = written[day - 1] if day <= len(written) else (notes.QUIET_INTERVAL, notes.QUIET_PLAN)
        objective = f"{_vital_line(stay, readings, at)} {_lab_line(readings, at - timedelta(hours=20), at)}"
        parts = ((heads["interval"], interval), (heads["objective"], objective), (heads["plan"], plan))
        who, role = _progress_author(stay, day)
        yield _by_provider(who, role, at, "progress_note", f"Progress note, hospital day {day + 1}", parts)


def _nursing(stay: Stay) -> Iterator[Draft]:
    """Yield a nurse's note per evening."""
    said = stay.scenario.nursing or {}
    nights = (stay.left_at.date() - stay.admitted_at.date()).days
    for day in range(nights):
        at = (stay.admitted_at + timedelta(days=day)).replace(hour=22, minute=30 + stay.rng.randrange(25))
        at = max(at, stay.admitted_at + timedelta(minutes=55))
        who = stay.rng.choice(NURSES)
        text = f"{said.get(day, '')} {notes.NURSING}"
        yield _by_other(who, at, "nursing_note", "Nursing shift note", (("NURSING ASSESSMENT", text),))


def _planned(stay: Stay) -> Iterator[Draft]:
    """Yield the scenario's own further notes: consultants, dietitian, wound nurse, imaging, operation."""
    for plan in stay.scenario.notes:
        at = stay.admitted_at + timedelta(hours=plan.hour)
        if plan.by in NON_PROVIDERS or plan.by == "nurse":
            who = NON_PROVIDERS.get(plan.by) or stay.rng.choice(NURSES)
            yield _by_other(who, at, plan.kind, plan.title, plan.sections)
            continue
        provider = stay.attending if plan.by == "attending" else stay.providers[plan.by]
        role = provider.author_role
        if role == "attending" and provider.key != stay.attending.key:
            role = "consultant"
        yield _by_provider(provider, role, at, plan.kind, plan.title, plan.sections)


def _closing(stay: Stay) -> Iterator[Draft]:
    """Yield the discharge summary of a stay that had one."""
    scenario = stay.scenario
    if not scenario.course or stay.left_at > stay.now:
        return
    parts = (
        ("DISCHARGE DIAGNOSES", scenario.diagnoses),
        ("HOSPITAL COURSE", scenario.course),
        ("CONDITION AT DISCHARGE", notes.DISCHARGE_EXAM),
        ("FOLLOW UP", notes.FOLLOW_UP),
    )
    at = stay.left_at - timedelta(minutes=25 + stay.rng.randrange(40))
    yield _by_provider(stay.attending, "attending", at, "discharge_summary", "Discharge summary", parts)


def drafts(stay: Stay, readings: Mapping[str, Reading]) -> Iterator[Draft]:
    """Yield every note of a stay, in no particular order; those after discharge or now are the caller's to drop."""
    yield from _opening(stay, readings)
    if stay.scenario.encounter_class in ("inpatient", "observation") and stay.scenario.los:
        yield from _days(stay, readings)
        yield from _nursing(stay)
    yield from _planned(stay)
    yield from _closing(stay)

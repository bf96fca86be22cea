"""Providers who differ on a condition: a consultant names one that the attending calls something else. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from query_mgr.clinical.assertions import AFFIRMED, NEGATED
from query_mgr.clinical.requirements.definition import Requirement
from query_mgr.clinical.requirements.matching import look
from query_mgr.queries.opportunities.gap import CONFLICT, Gap, Indicator
from query_mgr.queries.opportunities.quoting import of_statements, ordered, quoted
from query_mgr.queries.opportunities.record import Record, Statement

#: what one provider may name (first) where another names the second, and both cannot stand: condition, its rival
RIVALS: tuple[tuple[str, str], ...] = (
    ("stroke", "tia"),
    ("bowel_obstruction", "ileus"),
    ("myocardial_infarction", "myocardial_injury"),
    ("myocardial_infarction", "demand_ischemia"),
    ("acute_tubular_necrosis", "dehydration"),
    ("pneumonia", "atelectasis"),
    ("respiratory_distress_syndrome_newborn", "transient_tachypnea_newborn"),
    ("preeclampsia", "gestational_hypertension"),
    ("encephalopathy", "dementia"),
    ("encephalopathy", "delirium"),
    ("seizure", "syncope"),
    ("septic_shock", "cardiogenic_shock"),
    ("septic_shock", "hypovolemic_shock"),
    ("myocardial_infarction", "unstable_angina"),
    ("copd", "asthma"),
    ("acute_blood_loss_anemia", "iron_deficiency_anemia"),
)
#: what a consultant names (first) where the attending's team, later and not naming it, writes one of these words
CALLED_OTHERWISE: Mapping[str, tuple[str, ...]] = {
    "ileus": (
        "slow return of bowel function",
        "slow bowel function",
        "return of bowel function pending",
        "expected postop* course",
    ),
    "acute_kidney_injury": (
        "creatinine bump",
        "prerenal azotemia",
        "renal insufficiency",
        "creatinine at baseline",
    ),
    "encephalopathy": ("sundowning", "pleasantly confused", "confusion at baseline", "baseline confusion"),
    "acute_respiratory_failure": (
        "expected postoperative ventilation",
        "routine postoperative ventilation",
        "planned extubation",
    ),
    "acute_blood_loss_anemia": ("expected hemoglobin drop", "dilutional drop", "hemodilution"),
    "myocardial_infarction": ("troponin leak", "troponinemia", "demand"),
    "acute_tubular_necrosis": (
        "prerenal AKI",
        "prerenal azotemia",
        "AKI prerenal",
        "prerenal acute kidney injury",
    ),
    "sepsis": (
        "SIRS without infection",
        "noninfectious SIRS",
        "bacteremia without sepsis",
        "no evidence of sepsis",
    ),
    "cardiogenic_shock": ("low output state", "hypotension due to"),
    "pneumonia": ("atelectasis", "pneumonitis", "aspiration pneumonitis"),
    "malnutrition": ("well nourished", "thin at baseline"),
}
#: values of one axis of a condition that cannot both be right, in the words of the notes
AXES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "myocardial_infarction": (("type 1 MI", "type 1 NSTEMI", "type 1 myocardial infarction", "plaque rupture"),
                              ("type 2 MI", "type 2 NSTEMI", "type 2 myocardial infarction", "demand infarct*")),
    "heart_failure": (("HFpEF", "diastolic heart failure", "diastolic HF", "diastolic CHF"),
                      ("HFrEF", "systolic heart failure", "systolic HF", "systolic CHF")),
    "diabetes": (("type 1 diabetes", "T1DM", "DM1"), ("type 2 diabetes", "T2DM", "DM2")),
    "malnutrition": (("severe malnutrition", "severe protein calorie malnutrition"),
                     ("moderate malnutrition", "moderate protein calorie malnutrition", "mild malnutrition")),
    "respiratory_failure": (("acute respiratory failure", "acute hypoxic respiratory failure", "acute on chronic respiratory failure",
                             "acute on chronic hypoxic respiratory failure"), ("no acute respiratory failure",)),
    "preeclampsia": (("preeclampsia with severe features", "severe preeclampsia"), ("preeclampsia without severe features",)),
}  # fmt: skip
_CRITERIA = "Providers document differently; the attending provider clarifies."
_SOURCE = "ICD-10-CM Official Guidelines, section I.B.14 and III"
_ATTENDING = ("attending", "resident", "advanced_practice")


def of_rivals(condition: str, rival: str, record: Record) -> Iterator[Gap]:
    """Yield a conflict where a consultant's latest word is one of two rivals and the attending's team keeps the other."""
    consultant = _latest(record, condition, rival, ("consultant",))
    team = _latest(record, condition, rival, _ATTENDING)
    if consultant is None or team is None or team[0] == consultant[0] or team[1].at <= consultant[1].at:
        return
    yield _gap(condition, f"rivals:{condition}:{rival}", (consultant[1], team[1]))


def _latest(record: Record, condition: str, rival: str, roles: tuple[str, ...]) -> tuple[str, Statement] | None:
    """Return the latest of two rivals that providers of these roles affirm, if they affirm only one of them."""
    found = {
        each: [one for one in record.statements(each)
               if one.document.author_role in roles and one.said.state == AFFIRMED]
        for each in (condition, rival)
    }  # fmt: skip
    if bool(found[condition]) == bool(found[rival]):
        return None
    named = condition if found[condition] else rival
    return named, max(found[named], key=lambda one: one.at)


def of_other_words(condition: str, record: Record) -> Iterator[Gap]:
    """Yield a conflict where a consultant affirms a condition and the attending's team later calls it something else."""
    said = [one for one in record.statements(condition) if one.said.state in (AFFIRMED, NEGATED)]
    consultant = [one for one in said if one.document.author_role == "consultant" and one.said.state == AFFIRMED]
    if not consultant or any(one.document.author_role in _ATTENDING for one in said):
        return
    requirement = Requirement("mention", "another word for it", words=CALLED_OTHERWISE[condition], by=_ATTENDING)
    evidence, missing = look(requirement, record.chart)
    theirs = quoted(evidence, record.chart)
    if not missing and theirs[-1].at and theirs[-1].at > consultant[0].at:
        gap = _gap(condition, f"otherwise:{condition}", tuple(consultant))
        yield replace(gap, evidence=ordered([*gap.evidence, *theirs]))


def of_axis(condition: str, record: Record) -> Iterator[Gap]:
    """Yield a conflict where a consultant's latest word on an axis of a condition is one value and the team's another."""
    first, second = (_latest_word(words, record) for words in AXES[condition])
    for theirs, ours in ((first, second), (second, first)):
        consultant, team = theirs.get("consultant"), ours.get("team")
        if consultant and team and "team" not in theirs and "consultant" not in ours:
            gap = _gap(condition, f"axis:{condition}", ())
            yield replace(gap, evidence=ordered([consultant, team]))
            return


def _latest_word(words: tuple[str, ...], record: Record) -> dict[str, Indicator]:
    """Return the latest place where the consultants, and the attending's team, affirm one of these words."""
    found = {}
    for group, roles in (("consultant", ("consultant",)), ("team", _ATTENDING)):
        evidence, missing = look(Requirement("mention", "", words=words, by=roles), record.chart)
        if not missing:
            found[group] = quoted(evidence, record.chart)[-1]
    return found


def of_denial(condition: str, record: Record) -> Iterator[Gap]:
    """Yield a conflict where one provider's last word affirms a condition and another's later or equal last word denies it."""
    last: dict[str, Statement] = {}
    for one in record.statements(condition):
        if one.by_provider and one.said.condition == condition and one.said.state in (AFFIRMED, NEGATED):
            role = "consultant" if one.document.author_role == "consultant" else "team"
            if role not in last or last[role].at <= one.at:
                last[role] = one
    if {one.said.state for one in last.values()} == {AFFIRMED, NEGATED}:
        yield _gap(condition, f"denial:{condition}", tuple(last.values()))


def _gap(condition: str, probe: str, statements: tuple[Statement, ...]) -> Gap:
    evidence = of_statements(statements)
    return Gap(CONFLICT, condition, probe, evidence, criteria=_CRITERIA, criteria_source=_SOURCE)

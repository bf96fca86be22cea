"""The stays of the demo hospital: who came when with what, the same every time for the same seed and time."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from query_mgr.charts.records import ChartBundle, EncounterRecord, PatientRecord
from query_mgr.demo.authoring import Evidence, Stay, documents, measure, recorded_facts
from query_mgr.demo.people import FACILITY, PAYERS, DemoProvider, StaffUser, patient, providers, staff
from query_mgr.demo.scenarios import Scenario, scenarios

ENCOUNTERS = 360
#: every gap comes so often: half a year of a CDI team's work
TIMES_A_GAP = 5
IN_HOUSE = 12
SPAN_DAYS = 182
FOLLOW_UP_VISITS = 6
_HOSPITALISTS = ("hospitalist_1", "hospitalist_2", "hospitalist_3")


@dataclass(frozen=True)
class DemoStay:
    """One encounter's chart, and what a coder makes of it before anybody has asked anything."""

    bundle: ChartBundle
    encounter_key: str
    scenario: str  # scenario id
    evidence: tuple[Evidence, ...]
    initial_codes: tuple[tuple[str, str], ...]  # (ICD-10-CM code, POA), principal first
    attending_key: str  # ProviderRecord.source_key
    final_option: str  # what a physician would typically answer; empty for a clean stay


@dataclass(frozen=True)
class DemoHospital:
    """Everybody and everything in the demo."""

    people: tuple[StaffUser, ...]
    providers: tuple[DemoProvider, ...]
    stays: tuple[DemoStay, ...]


@dataclass(frozen=True)
class _Plan:
    """Which scenario comes when; an in-house stay has not reached its end at `now`."""

    scenario: Scenario
    is_in_house: bool = False
    follows: int | None = None  # the stay whose patient comes back


def _plans(rng: random.Random) -> list[_Plan]:
    """Return the plan of every encounter: each scenario its copies, clean ones repeated up to the count."""
    every = scenarios()
    visits = [each for each in every if each.id == "clinic_follow_up"]
    others = [each for each in every if each.id != "clinic_follow_up"]
    chosen = [each for each in others for _ in range(each.copies * (TIMES_A_GAP if each.is_gap else 1))]
    clean = [each for each in others if not each.is_gap]
    while len(chosen) < ENCOUNTERS - FOLLOW_UP_VISITS:
        chosen.append(rng.choice(clean))
    del chosen[ENCOUNTERS - FOLLOW_UP_VISITS :]
    rng.shuffle(chosen)
    long_enough = [
        place for place, each in enumerate(chosen) if each.los >= 4 and each.encounter_class == "inpatient"
    ]
    gaps = [place for place in long_enough if chosen[place].is_gap][: IN_HOUSE - 4]
    rest = [place for place in long_enough if place not in gaps and not chosen[place].is_gap][
        : IN_HOUSE - len(gaps)
    ]
    in_house = {*gaps, *rest}
    plans = [_Plan(each, place in in_house) for place, each in enumerate(chosen)]
    done = [
        place
        for place, plan in enumerate(plans)
        if not plan.is_in_house and plan.scenario.encounter_class == "inpatient" and plan.scenario.age[0] >= 40
    ]
    return plans + [_Plan(visits[0], follows=place) for place in done[:FOLLOW_UP_VISITS]]


def _period(plan: _Plan, now: datetime, rng: random.Random) -> tuple[datetime, datetime]:
    """Return when the stay begins and ends (or would end)."""
    scenario = plan.scenario
    hour, minute = rng.randrange(7, 22), rng.randrange(60)
    if plan.is_in_house:
        admitted = (now - timedelta(days=scenario.los - 1)).replace(hour=min(hour, 12), minute=minute)
        if admitted > now - timedelta(days=scenario.los - 1, hours=2):
            admitted -= timedelta(days=1)
        return admitted, max(now, admitted + timedelta(days=scenario.los)) + timedelta(hours=20)
    if scenario.los == 0:
        admitted = (now - timedelta(days=rng.randrange(2, SPAN_DAYS))).replace(hour=min(hour, 17), minute=minute)
        return admitted, admitted + timedelta(minutes=rng.randrange(150, 330))
    days = scenario.los + (rng.choice((0, 0, 1)) if scenario.los >= 3 else 0)
    admitted = (now - timedelta(days=rng.randrange(days + 1, SPAN_DAYS))).replace(hour=hour, minute=minute)
    left = (admitted + timedelta(days=days)).replace(hour=rng.randrange(13, 18), minute=rng.randrange(60))
    return admitted, left


def _attending(scenario: Scenario, every: dict[str, DemoProvider], rng: random.Random) -> DemoProvider:
    key = rng.choice(_HOSPITALISTS) if scenario.service == "hospitalist" else scenario.service
    return every[key]


def _encounter(stay: Stay, number: int) -> EncounterRecord:
    """Return the encounter row of a stay."""
    is_over = stay.left_at <= stay.now
    return EncounterRecord(
        source_key=stay.key,
        patient_key=stay.patient.source_key,
        number=f"R26{400_000 + number * 217:07d}",
        encounter_class=stay.scenario.encounter_class,
        status="finished" if is_over else "in-progress",
        admitted_at=stay.admitted_at,
        discharged_at=stay.left_at if is_over else None,
        attending_key=stay.attending.record.source_key,
        service_line=stay.attending.record.service_line,
        payer=stay.payer,
        facility=FACILITY,
        reason=stay.scenario.reason,
        disposition="01" if is_over and stay.scenario.encounter_class == "inpatient" else "",
    )


def _written(stay: Stay, number: int) -> DemoStay:
    """Return the chart of a planned stay, as far as it has come by `now`."""
    readings = measure(stay)
    notes, quoted = documents(stay, readings)
    facts, picked = recorded_facts(stay, readings)
    bundle = ChartBundle(
        patients=(stay.patient,),
        encounters=(_encounter(stay, number),),
        documents=tuple(notes),
        facts=tuple(facts),
        providers=tuple({each.record.source_key: each.record for each in stay.authors}.values()),
    )
    return DemoStay(
        bundle=bundle,
        encounter_key=stay.key,
        scenario=stay.scenario.id,
        evidence=tuple(sorted((*quoted, *picked), key=lambda each: (each.at, each.source_key, each.start or 0))),
        initial_codes=stay.scenario.initial_codes,
        attending_key=stay.attending.record.source_key,
        final_option=stay.scenario.final_option,
    )


def _person(plan: _Plan, number: int, admitted: datetime, rng: random.Random) -> PatientRecord:
    """Return a new patient who fits the scenario."""
    sex = plan.scenario.sex or rng.choice(("female", "male"))
    return patient(rng, number, sex, rng.randint(*plan.scenario.age), admitted.date())


def build(seed: int, now: datetime) -> DemoHospital:
    """Return the demo hospital as it stands at `now` (aware): equal for equal arguments."""
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose, protects nothing
    every = {each.key: each for each in providers()}
    made: list[Stay] = []
    for number, plan in enumerate(_plans(rng), start=1):
        admitted, left = _period(plan, now, rng)
        payer = rng.choice(PAYERS)
        if plan.follows is None:
            person = _person(plan, number, admitted, rng)
        else:
            before = made[plan.follows]
            person, payer = before.patient, before.payer
            admitted, left = _revisit(before, now, rng)
        made.append(
            Stay(
                key=f"riverbend/encounter-{number:04d}",
                scenario=plan.scenario,
                patient=person,
                attending=_attending(plan.scenario, every, rng),
                providers=every,
                payer=payer,
                admitted_at=admitted,
                left_at=left,
                now=now,
                rng=random.Random(rng.getrandbits(64)),  # noqa: S311
            )
        )
    stays = tuple(_written(stay, number) for number, stay in enumerate(made, start=1))
    return DemoHospital(staff(), tuple(every.values()), stays)


def _revisit(before: Stay, now: datetime, rng: random.Random) -> tuple[datetime, datetime]:
    """Return when a clinic visit after `before` takes place; a recent patient was seen in the weeks before instead."""
    gap = timedelta(days=rng.randrange(8, 15))
    day = before.left_at + gap if before.left_at + gap < now - timedelta(days=1) else before.admitted_at - gap
    admitted = day.replace(hour=rng.randrange(9, 16), minute=rng.choice((0, 20, 40)))
    return admitted, admitted + timedelta(minutes=rng.randrange(25, 55))

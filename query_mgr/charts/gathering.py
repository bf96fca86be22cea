"""What messages make together with all that came before about the same things."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select

from query_mgr.charts import hl7v2
from query_mgr.charts.identity import survivors
from query_mgr.charts.models import Encounter, FeedMessage, FeedSubject
from query_mgr.charts.problems import Warnings
from query_mgr.charts.records import PatientRecord
from query_mgr.charts.store import ContestedError
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings

_KEYS_PER_SELECT = 500
_REMEMBERED = (
    2_000  # messages whose reading is kept, so that a long stay is not read anew with every message of it
)
_LONGEST_REMEMBERED = 50_000  # characters
_recent: OrderedDict[tuple[str, str, str], hl7v2.Told] = OrderedDict()


def accepted_processing() -> str:
    """Return the processing ids that this installation takes."""
    # The demo reads the training messages that vendors publish; a real installation must never mix them in.
    return "PTD" if current_settings().demo else "P"


def facility_zone() -> ZoneInfo:
    """Return the zone of times without an offset."""
    return ZoneInfo(current_settings().time_zone)


def told_by(text: str, digest: str, warnings: Warnings) -> hl7v2.Told:
    """Return what a message says. Raises Held, Ignored or Rejection."""
    zone, accepts = facility_zone(), accepted_processing()
    told = hl7v2.read_message(hl7v2.parse(text), zone, clock.now(), warnings, accepts=accepts)
    if len(text) <= _LONGEST_REMEMBERED:
        _recent[digest, zone.key, accepts] = told
        while len(_recent) > _REMEMBERED:
            _recent.popitem(last=False)
    return told


def chart_of(new: Mapping[str, hl7v2.Told], warnings: Warnings) -> hl7v2.Folded:
    """Return what new messages (by digest, already kept as imported) and all before them about the same things make.

    Raises ContestedError where they are about what is another patient's.
    """
    told = list(new.values())
    subjects = frozenset(subject[:200] for one in told for subject in one.subjects)
    coming = {one.visit.key for one in told if one.tells_stay and one.visit}
    subjects |= _waiting_for(coming - on_file(coming))
    quiet = Warnings()  # what was odd in earlier ones was said when they came
    every = _about(subjects, new, quiet)
    _check_owners(every)
    folded = hl7v2.fold(every, warnings, about=subjects)
    people = tuple(_who_is_new(new))
    providers = {one.source_key: one for message in told for one in message.providers}
    bundle = replace(folded.bundle, patients=people, providers=tuple(providers.values()))
    return replace(folded, bundle=bundle)


def _check_owners(told: Sequence[hl7v2.Told]) -> None:
    """Raise ContestedError where a stay, order, document or account is said to be two patients'."""
    now = survivors({one.patient.source_key for one in told})
    owners: dict[str, str] = {}
    for one in told:
        owner = now.get(one.patient.source_key, one.patient.source_key)
        for subject in one.subjects:
            if owners.setdefault(subject, owner) != owner:
                raise ContestedError(f"{subject} is already on file for another patient")


def names_of(told: hl7v2.Told, there: Collection[str]) -> list[str]:
    """Return the names under which later messages find this one: its subjects, and stays that are not `there` yet."""
    missing = set() if told.tells_stay else told.stays.difference(there)
    return sorted({one[:200] for one in told.subjects} | set(map(_within, missing)))


def _within(visit_key: str) -> str:
    return f"in {visit_key}"[:200]


def _waiting_for(stays: Collection[str]) -> frozenset[str]:
    """Return all that messages speak of which came before these stays and belong to them."""
    found: set[str] = set()
    for chunk in _chunks(map(_within, stays)):
        waiting = select(FeedSubject.message_id).where(FeedSubject.key.in_(chunk))
        found |= set(db.session.scalars(select(FeedSubject.key).where(FeedSubject.message_id.in_(waiting))))
    return frozenset(one for one in found if not one.startswith("in "))


def _about(subjects: Collection[str], new: Mapping[str, hl7v2.Told], warnings: Warnings) -> list[hl7v2.Told]:
    """Return what all kept messages about these subjects say."""
    settings = facility_zone().key, accepted_processing()
    found: dict[str, hl7v2.Told | None] = {}
    for chunk in _chunks(subjects):
        about = select(FeedSubject.message_id).where(FeedSubject.key.in_(chunk))
        kept = select(FeedMessage.digest).where(FeedMessage.id.in_(about), FeedMessage.status == "imported")
        for digest in db.session.scalars(kept):
            found[digest] = new.get(digest) or _recent.get((digest, *settings))
    for chunk in _chunks([digest for digest, told in found.items() if told is None]):
        texts = select(FeedMessage.digest, FeedMessage.text).where(FeedMessage.digest.in_(chunk))
        for row in db.session.execute(texts):
            found[row.digest] = told_by(row.text, row.digest, warnings)
    return [told for _, told in sorted(found.items()) if told is not None]


def on_file(stays: Collection[str]) -> set[str]:
    """Return which of these stays have come."""
    found: set[str] = set()
    for chunk in _chunks(stays):
        found |= set(db.session.scalars(select(Encounter.source_key).where(Encounter.source_key.in_(chunk))))
    return found


def _who_is_new(new: Mapping[str, hl7v2.Told]) -> Iterable[PatientRecord]:
    """Return the patients of whom no message on file knows better than the new ones.

    What a message about persons or stays says outweighs what stands in a result; then the later one counts.
    """
    best: dict[str, str] = {}
    for digest in sorted(new, key=lambda one: (new[one].header.is_adt, *hl7v2.rank(new[one]), one)):
        best[new[digest].patient.source_key] = digest
    for digest in best.values():
        if not _knows_better(new[digest], digest):
            yield new[digest].patient


def _knows_better(told: hl7v2.Told, digest: str) -> bool:
    at, control = hl7v2.rank(told)
    table = FeedMessage
    later = or_(
        table.event_at > at,
        and_(table.event_at == at, table.control_id > control[:200]),
        and_(table.event_at == at, table.control_id == control[:200], table.digest > digest),
    )
    is_adt = table.kind.startswith("ADT")
    weightier = and_(is_adt, later) if told.header.is_adt else or_(is_adt, later)
    same = select(table.id).where(
        table.patient_key == told.patient.source_key[:200], table.status == "imported", weightier
    )
    return db.session.scalar(same.limit(1)) is not None


def _chunks(keys: Iterable[str]) -> Iterable[Sequence[str]]:
    ordered = sorted(set(keys))
    return (ordered[at : at + _KEYS_PER_SELECT] for at in range(0, len(ordered), _KEYS_PER_SELECT))

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
from query_mgr.platform.db import chunks, db
from query_mgr.platform.web import current_settings

_REMEMBERED = (
    2_000  # messages whose reading is kept, so that a long stay is not read anew with every message of it
)
_LONGEST_REMEMBERED = 50_000  # characters
_IS_ADT = FeedMessage.kind.startswith("ADT")
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
    ours = current_settings().own_authorities
    told = hl7v2.read_message(hl7v2.parse(text), zone, clock.now(), warnings, accepts=accepts, ours=ours)
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
    people = tuple(_people(new, quiet))
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
    for chunk in chunks(map(_within, stays)):
        waiting = select(FeedSubject.message_id).where(FeedSubject.key.in_(chunk))
        found |= set(db.session.scalars(select(FeedSubject.key).where(FeedSubject.message_id.in_(waiting))))
    return frozenset(one for one in found if not one.startswith("in "))


def _about(subjects: Collection[str], new: Mapping[str, hl7v2.Told], warnings: Warnings) -> list[hl7v2.Told]:
    """Return what all kept messages about these subjects say."""
    digests: set[str] = set()
    for chunk in chunks(subjects):
        about = select(FeedSubject.message_id).where(FeedSubject.key.in_(chunk))
        kept = select(FeedMessage.digest).where(FeedMessage.id.in_(about), FeedMessage.status == "imported")
        digests |= set(db.session.scalars(kept))
    return _told(digests, new, warnings)


def _told(digests: Iterable[str], new: Mapping[str, hl7v2.Told], warnings: Warnings) -> list[hl7v2.Told]:
    """Return what kept messages say, in the order of their digests."""
    settings = facility_zone().key, accepted_processing()
    found = {digest: new.get(digest) or _recent.get((digest, *settings)) for digest in digests}
    for chunk in chunks([digest for digest, told in found.items() if told is None]):
        texts = select(FeedMessage.digest, FeedMessage.text).where(FeedMessage.digest.in_(chunk))
        for row in db.session.execute(texts):
            found[row.digest] = told_by(row.text, row.digest, warnings)
    return [told for _, told in sorted(found.items()) if told is not None]


def on_file(stays: Collection[str]) -> set[str]:
    """Return which of these stays have come."""
    found: set[str] = set()
    for chunk in chunks(stays):
        found |= set(db.session.scalars(select(Encounter.source_key).where(Encounter.source_key.in_(chunk))))
    return found


def _people(new: Mapping[str, hl7v2.Told], warnings: Warnings) -> Iterable[PatientRecord]:
    """Return who the patients of new messages are.

    Messages about persons and stays say it together; the PID of results, notes and codes counts only while there are
    none, and then the latest one.
    """
    described = {one.patient.source_key for one in new.values() if one.header.is_adt}
    digests: set[str] = set()
    for chunk in chunks(described):
        about = FeedMessage.patient_key.in_([key[:200] for key in chunk])
        kept = select(FeedMessage.digest).where(about, FeedMessage.status == "imported", _IS_ADT)
        digests |= set(db.session.scalars(kept))
    yield from hl7v2.people_of(_told(digests, new, warnings))
    mentioned: dict[str, str] = {}
    for digest in sorted(new, key=lambda one: (*hl7v2.rank(new[one]), one)):
        mentioned[new[digest].patient.source_key] = digest
    for key, digest in mentioned.items():
        if key not in described and not _knows_better(new[digest], digest):
            yield new[digest].patient


def _knows_better(told: hl7v2.Told, digest: str) -> bool:
    at, control = hl7v2.rank(told)
    table = FeedMessage
    later = or_(
        table.event_at > at,
        and_(table.event_at == at, table.control_id > control[:200]),
        and_(table.event_at == at, table.control_id == control[:200], table.digest > digest),
    )
    same = table.patient_key == told.patient.source_key[:200]
    better = select(table.id).where(same, table.status == "imported", or_(_IS_ADT, later))
    return db.session.scalar(better.limit(1)) is not None

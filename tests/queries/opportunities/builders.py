"""Small charts for the finder, pure and stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from query_mgr.charts.models import Encounter
from query_mgr.charts.records import ChartBundle, DocumentRecord, EncounterRecord, FactRecord, PatientRecord
from query_mgr.charts.store import store
from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument, ChartFact
from query_mgr.platform.db import db
from query_mgr.queries.library.files import shipped
from query_mgr.queries.opportunities.finding import opportunities
from query_mgr.queries.opportunities.gap import Gap

ADMITTED = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
Note = tuple[int, str, str, str]  # hours after admission, author role, kind, text
Value = tuple[int, str, str, float | str, str]  # hours after admission, kind, name, value, unit

KIDNEY_NOTE: Note = (
    20,
    "attending",
    "progress_note",
    "Gastroenteritis, two days of vomiting. IV fluids, recheck in the morning.",
)
KIDNEY_VALUES: tuple[Value, ...] = (
    (1, "lab", "Creatinine", 0.9, "mg/dL"),
    (24, "lab", "Creatinine", 2.1, "mg/dL"),
)


def a_chart(
    notes: tuple[Note, ...] = (), values: tuple[Value, ...] = (), codes: tuple[str, ...] = ()
) -> ChartContext:
    """An inpatient stay of a woman of 60."""
    return ChartContext(
        documents=tuple(
            ChartDocument(f"d{number}", text, role, kind, ADMITTED + timedelta(hours=hours))
            for number, (hours, role, kind, text) in enumerate(notes)
        ),
        facts=tuple(
            ChartFact(f"f{number}", kind, name, "", value if isinstance(value, float | int) else None, str(value), unit,
                      "", ADMITTED + timedelta(hours=hours))
            for number, (hours, kind, name, value, unit) in enumerate(values)
        ),
        codes=codes,
        documented_codes=(),
        admitted_at=ADMITTED,
        sex="female",
        age_years=60,
    )  # fmt: skip


def gaps(chart: ChartContext, condition: str) -> dict[str, Gap]:
    """The gaps on one condition, by kind."""
    return {one.kind: one for one in opportunities(chart, shipped()) if one.condition == condition}


def asked(chart: ChartContext) -> set[tuple[str, str]]:
    """What the finder would ask."""
    return {(one.kind, one.condition) for one in opportunities(chart, shipped()) if not one.suppressed_because}


def arrives(notes: dict[str, Note], values: dict[str, Value]) -> Encounter:
    """Import a stay, or what is new of it; keys are those of the source."""
    patient = PatientRecord("p1", "00417", "Testperson", "Ada", sex="female")
    bundle = ChartBundle(
        patients=(patient,),
        encounters=(EncounterRecord("e1", "p1", "CSN1", "inpatient", ADMITTED, ADMITTED + timedelta(days=4)),),
        documents=tuple(
            DocumentRecord(key, "p1", "e1", kind, kind.replace("_", " ").title(), text, ADMITTED + timedelta(hours=hours),
                           author_role=role)
            for key, (hours, role, kind, text) in notes.items()
        ),
        facts=tuple(
            FactRecord(key, "p1", "e1", kind, name, ADMITTED + timedelta(hours=hours), value_text=str(value),
                       value_number=float(value) if isinstance(value, float | int) else None, unit=unit)
            for key, (hours, kind, name, value, unit) in values.items()
        ),
    )  # fmt: skip
    store(bundle, "tester")
    return db.session.query(Encounter).filter_by(source_key="e1").one()

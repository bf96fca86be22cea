"""A stored query in the form that the lint reads."""

from __future__ import annotations

from query_mgr.charts import reader
from query_mgr.charts.models import Encounter
from query_mgr.clinical.requirements.definition import PROVIDER_ROLES
from query_mgr.queries import evidence
from query_mgr.queries.lint import Charted, Draft, DraftIndicator, DraftOption, Identity
from query_mgr.queries.models import Query, QueryIndicator


def documentation_of(encounter: Encounter) -> tuple[str, ...]:
    """Return what providers put on record of this encounter: signed documents and problem-list names."""
    return tuple(one.text for one in reader.documentation_of(encounter, *PROVIDER_ROLES))


def draft_of(query: Query) -> Draft:
    """Return `query` as the lint sees it."""
    in_chart = evidence.in_chart(query.indicators)
    return Draft(
        title=query.title,
        body=query.body,
        question=query.question,
        query_type=query.query_type,
        purpose=query.purpose,
        condition=query.condition,
        options=tuple(DraftOption(one["key"], one["label"], one["kind"]) for one in query.options),
        indicators=tuple(
            DraftIndicator(
                text=one.text,
                observed_at=one.observed_at,
                source_label=one.source_label,
                author_role=one.author_role,
                scope=one.encounter_scope,
                source_kind=one.source_kind,
                charted=_charted(query.encounter, one, in_chart.get(one)),
                source_state=one.source_state,
            )
            for one in query.indicators
        ),
        documentation=documentation_of(query.encounter),
        admitted_at=query.encounter.admitted_at,
        discharged_at=query.encounter.discharged_at,
        identity=_identity(query.encounter),
    )


def _charted(encounter: Encounter, one: QueryIndicator, said: str | None) -> Charted | None:
    """Return what the chart holds where an indicator says it stands; None where its source counts no more."""
    if not one.source_ref:
        return Charted(evidence.said_around(encounter, one.observed_at), is_picked=False)
    return None if said is None else Charted((said,), is_picked=True)


def _identity(encounter: Encounter) -> Identity:
    patient, born = encounter.patient, encounter.patient.birth_on
    birth = (f"{born:%Y-%m-%d}", f"{born:%m/%d/%Y}", f"{born.month}/{born.day}/{born.year}") if born else ()
    return Identity(patient.family_name, patient.given_names, (patient.mrn, encounter.number, *birth))

"""A stored query in the form that the lint reads."""

from __future__ import annotations

from query_mgr.charts import reader
from query_mgr.charts.models import Encounter
from query_mgr.clinical.requirements.definition import PROVIDER_ROLES
from query_mgr.queries.lint import Draft, DraftIndicator, DraftOption, Identity
from query_mgr.queries.models import Query

#: whose words document a diagnosis (ICD-10-CM Official Guidelines I.A.19 and I.B.14: the provider's)
DOCUMENTING_ROLES = PROVIDER_ROLES


def documentation_of(encounter: Encounter) -> tuple[str, ...]:
    """Return what providers put on record of this encounter: signed documents and problem-list names."""
    return tuple(
        one.text
        for one in reader.documentation_of(encounter)
        if one.kind == "problem" or one.author_role in DOCUMENTING_ROLES
    )


def draft_of(query: Query) -> Draft:
    """Return `query` as the lint sees it."""
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
            )
            for one in query.indicators
        ),
        documentation=documentation_of(query.encounter),
        admitted_at=query.encounter.admitted_at,
        discharged_at=query.encounter.discharged_at,
        identity=_identity(query.encounter),
    )


def _identity(encounter: Encounter) -> Identity:
    patient, born = encounter.patient, encounter.patient.birth_on
    birth = (f"{born:%Y-%m-%d}", f"{born:%m/%d/%Y}", f"{born.month}/{born.day}/{born.year}") if born else ()
    return Identity(patient.family_name, patient.given_names, (patient.mrn, encounter.number, *birth))

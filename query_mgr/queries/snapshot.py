"""The query as sent: what the provider is shown, frozen with its evidence. Pure.

Options carry no code change here: nothing about codes, DRGs or payment may exist in anything a provider can
see (ACDIS/AHIMA 2022, "Query practice": no impact on reimbursement or quality).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from query_mgr.accounts.models import User
from query_mgr.audit.chain import canonical
from query_mgr.queries.models import Query, QueryTalk
from query_mgr.queries.surroundings import Around


def snapshot_of(query: Query, surroundings: Mapping[int, Around] | None = None) -> dict[str, Any]:
    """Return the content of `query` as plain JSON: times as ISO 8601 in UTC.

    surroundings: what stands around the passages it quotes, by position.
    """
    encounter, patient = query.encounter, query.encounter.patient
    return {
        "ref": query.ref,
        "revision": query.revision,
        "title": query.title,
        "body": query.body,
        "question": query.question,
        "query_type": query.query_type,
        "options": [{name: option[name] for name in ("key", "label", "kind")} for option in query.options],
        "indicators": [
            {
                "text": one.text,
                "source": one.source_label,
                "author_role": one.author_role,
                "observed_at": one.observed_at.isoformat(),
                "scope": one.encounter_scope,
                "source_hash": one.source_hash,
                **_around((surroundings or {}).get(one.position)),
            }
            for one in query.indicators
        ],
        "patient": {
            "name": patient.display_name,
            "mrn": patient.mrn,
            "birth_on": patient.birth_on.isoformat() if patient.birth_on else "",
        },
        "encounter": {
            "number": encounter.number,
            "class": encounter.encounter_class,
            "admitted_at": encounter.admitted_at.isoformat(),
            "discharged_at": encounter.discharged_at.isoformat() if encounter.discharged_at else "",
        },
        "provider": query.provider.signature_name,
        "author": _name(query.author),
        "cosigner": _name(query.cosigner) if query.cosigner else "",
        "earlier": query.earlier,
        "talk": _talk(query.talk) if query.talk else None,
        "template": f"{query.template_key} {query.template_version}".strip(),
    }


def _around(words: Around | None) -> dict[str, str]:
    return {"before": words[0], "after": words[1]} if words else {}


def _name(person: User) -> str:
    return ", ".join(filter(None, (person.name, person.credentials)))


def _talk(talk: QueryTalk) -> dict[str, str]:
    return {"asked_by": talk.asked_by, "at": talk.talked_at.isoformat(), "how": talk.how, "told": talk.told}


def digest(content: dict[str, Any]) -> str:
    """Return the SHA-256 of canonical JSON, as hex (21 CFR 11.70 as yardstick: a signature binds to content)."""
    return hashlib.sha256(canonical(content).encode("utf-8", "surrogatepass")).hexdigest()

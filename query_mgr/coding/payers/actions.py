"""What people do with policies: a change is a new version, made by who may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from query_mgr.accounts.session import Actor
from query_mgr.coding.payers import store
from query_mgr.coding.payers.models import PayerPolicy
from query_mgr.coding.payers.terms import PolicyError
from query_mgr.platform.db import unit_of_work


def save(actor: Actor, typed: Mapping[str, Any], *, note: str, follows: PayerPolicy | None = None) -> PayerPolicy:
    """Keep a policy: the next version of `follows`, or a new one.

    Raises NotAllowedError, and PolicyError for a field that is wrong, nothing changed, no note why, a number that is
    taken, or a version that somebody saved meanwhile.
    """
    actor.must("policy.edit")
    with unit_of_work():
        draft = store.draft_of(typed)
        note = " ".join(note.split())
        if follows is not None and len(note) < 3:
            raise PolicyError("change_note: say what changed and why; it stands with the version")
        if follows is not None and (draft.payer, draft.number) != (follows.payer.key, follows.number):
            raise PolicyError("number: payer and number stay; make a new policy instead")
        name = "" if follows else str(typed.get("payer_name") or "").strip()
        if not name and all(one.key != draft.payer for one in store.payers()):
            raise PolicyError(f"payer: none has the key {draft.payer}; choose one, or give the name of a new one")
        payer = store.keep_payer(draft.payer, name)
        if follows is None and store.versions(payer.id, draft.number):
            raise PolicyError(f"number: {payer.name} has a policy {draft.number} already; edit that one")
        row, what = store.keep(draft, payer, actor.email, note=note, follows=follows.version if follows else 0)
        if what == "unchanged":
            raise PolicyError("text: nothing was changed")
        return row

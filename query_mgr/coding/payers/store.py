"""Policies in the database: which version counts on a day, and how a new one is kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from query_mgr.audit import actions as audit
from query_mgr.coding.ncci.models import NEVER
from query_mgr.coding.payers.models import Payer, PayerPolicy
from query_mgr.coding.payers.necessity import Policy
from query_mgr.coding.payers.terms import PolicyError, Terms, as_stored, terms_of
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_ref

_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{0,39}")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
#: text field -> its longest, and whether it must be said
_TEXTS = {"title": (200, True), "citation": (300, True), "text": (20_000, True), "source_url": (300, False)}
FIELDS = (
    "payer", "number", "title", "effective_from", "effective_to", "codes", "diagnoses", "frequency_count",
    "frequency_days", "age_from", "age_to", "sex", "places", "modifiers", "citation", "text", "source_url",
)  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """A policy that was read and checked, and is not kept yet."""

    payer: str  # key
    number: str
    title: str
    effective_from: date
    effective_to: date | None
    terms: Terms
    citation: str
    text: str
    source_url: str

    def is_as(self, row: PayerPolicy) -> bool:
        """Return whether a version says the same."""
        own = (self.title, self.effective_from, self.effective_to, self.citation, self.text, self.source_url)
        theirs = (row.title, row.effective_from, row.effective_to, row.citation, row.text, row.source_url)
        return own == theirs and as_stored(self.terms) == row.terms


def draft_of(raw: Mapping[str, Any]) -> Draft:
    """Return what `raw` (a form, a row of CSV, an entry of YAML) says. Raises PolicyError that names the field."""
    texts = {name: _text(name, raw.get(name), *limits) for name, limits in _TEXTS.items()}
    number = str(raw.get("number") or "").strip()
    if not _NUMBER.fullmatch(number):
        raise PolicyError(f"number: {number[:20]!r} is none; letters, digits, dots, dashes, at most 40")
    begins, ends = _day("effective_from", raw.get("effective_from")), _day("effective_to", raw.get("effective_to"))
    if begins is None:
        raise PolicyError("effective_from: say the first day, such as 2026-01-01")
    if ends is not None and ends < begins:
        raise PolicyError(f"effective_to: {ends} is before {begins}")
    if texts["source_url"] and urlsplit(texts["source_url"]).scheme not in ("http", "https"):
        raise PolicyError("source_url: an address begins with https://")
    return Draft(
        payer_key(raw.get("payer")), number, texts["title"], begins, ends, terms_of(raw), texts["citation"],
        texts["text"], texts["source_url"],
    )  # fmt: skip


def payer_key(value: Any) -> str:
    """Return a payer's key as it is written. Raises PolicyError."""
    key = str(value or "").strip().lower()
    if not _KEY.fullmatch(key) or len(key) > 60:
        raise PolicyError(
            f"payer: {key[:20]!r} is no key; small letters, digits and dashes, such as riverbend-example"
        )
    return key


def _text(name: str, value: Any, longest: int, must_be: bool) -> str:
    text = str(value if value is not None else "").strip().replace("\r\n", "\n")
    if must_be and not text:
        raise PolicyError(f"{name}: is empty")
    if len(text) > longest:
        raise PolicyError(f"{name}: {len(text):,} characters; at most {longest:,}")
    if bad := _CONTROL.search(text):
        raise PolicyError(f"{name}: holds the invisible sign U+{ord(bad[0]):04X}; type it again")
    return text


def _day(name: str, value: Any) -> date | None:
    if value is None or isinstance(value, date):
        return value
    text = str(value).strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise PolicyError(f"{name}: {text[:20]!r} is no day; days are written as 2026-01-31") from None


def keep(
    draft: Draft, payer: Payer, by: str, *, note: str = "", follows: int | None = None
) -> tuple[PayerPolicy, str]:
    """Keep a draft as the next version; return the version, and new, changed or unchanged.

    follows: the version that it was made from. Raises PolicyError where that is no longer the newest.
    """
    with unit_of_work():
        newest = db.session.scalar(
            select(PayerPolicy)
            .where(PayerPolicy.payer_id == payer.id, PayerPolicy.number == draft.number)
            .order_by(PayerPolicy.version.desc())
            .limit(1)
        )
        last = newest.version if newest else 0
        if follows is not None and follows != last:
            raise PolicyError(
                f"somebody else saved version {last} meanwhile; look at it and make your change again"
            )
        if newest is not None and draft.is_as(newest):
            return newest, "unchanged"
        row = PayerPolicy(
            ref=new_ref(), payer=payer, number=draft.number, version=last + 1, title=draft.title,
            effective_from=draft.effective_from, effective_to=draft.effective_to, terms=as_stored(draft.terms),
            citation=draft.citation, text=draft.text, source_url=draft.source_url, change_note=note[:300], made_by=by,
            made_at=clock.now(),
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        audit.record(by, "policy.saved", "payer_policy", row.ref, number=draft.number, version=row.version)
        return row, "changed" if newest else "new"


def keep_payer(key: str, name: str, also_called: Iterable[str] = (), *, is_example: bool = False) -> Payer:
    """Return the payer with a key, made or brought up to date."""
    row = db.session.scalar(select(Payer).where(Payer.key == key))
    if row is None:
        row = Payer(key=key, name=name or key, also_called=[], is_example=is_example)
        db.session.add(row)
    if name:
        row.name = name[:120]
    names = sorted({*row.also_called, *(one.strip()[:120] for one in also_called if one.strip())})
    if names != row.also_called:
        row.also_called = names
    db.session.flush()
    return row


def payers() -> Sequence[Payer]:
    """Return all payers by name."""
    return db.session.scalars(select(Payer).order_by(Payer.name)).all()


def known_as(text: str) -> Payer | None:
    """Return the payer that a chart or a coder means by a key or a name."""
    wanted = _folded(text)
    if not wanted:
        return None
    return next(
        (one for one in payers() if wanted in {one.key, _folded(one.name), *map(_folded, one.also_called)}), None
    )


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def versions(payer_id: int, number: str) -> Sequence[PayerPolicy]:
    """Return all versions of a policy, newest first."""
    of = select(PayerPolicy).where(PayerPolicy.payer_id == payer_id, PayerPolicy.number == number)
    return db.session.scalars(of.order_by(PayerPolicy.version.desc())).all()


def in_force(rows: Iterable[PayerPolicy]) -> list[Policy]:
    """Return the versions with the days on which each counts; of one that never counts, nothing.

    On a day counts the highest version that has begun: a later version ends the one before on its first day, and takes
    its place from the beginning where it begins no later. A version that ended leaves nothing behind it in force.
    """
    found, by_number = list[Policy](), dict[tuple[int, str], list[PayerPolicy]]()
    for row in rows:
        by_number.setdefault((row.payer_id, row.number), []).append(row)
    for same in by_number.values():
        ends = NEVER.toordinal() + 1
        for row in sorted(same, key=lambda one: -one.version):
            last = min((row.effective_to or NEVER).toordinal(), ends - 1)
            if row.effective_from.toordinal() <= last:
                found.append(_policy(row, date.fromordinal(last)))
            ends = min(ends, row.effective_from.toordinal())
    return found


def _policy(row: PayerPolicy, until: date) -> Policy:
    return Policy(
        row.ref, row.payer.name, row.number, row.version, row.title, terms_of(row.terms), row.effective_from, until,
        row.citation, row.payer.is_example,
    )  # fmt: skip


def policies_of(payer: Payer, codes: Collection[str] | None = None) -> list[Policy]:
    """Return a payer's policies with their days, those only that concern one of `codes`."""
    rows = db.session.scalars(
        select(PayerPolicy).where(PayerPolicy.payer_id == payer.id).order_by(PayerPolicy.number)
    )
    found = in_force(rows)
    return [one for one in found if codes is None or any(one.terms.concern(code) for code in codes)]

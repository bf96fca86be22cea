"""Policies in the browser: the list, a policy with its versions, and a form that makes the next version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from query_mgr.accounts.permissions import requires
from query_mgr.accounts.session import current_actor
from query_mgr.coding.ncci.loader import inventory
from query_mgr.coding.ncci.naming import KINDS, SETTINGS
from query_mgr.coding.payers import actions, store
from query_mgr.coding.payers.models import PayerPolicy
from query_mgr.coding.payers.terms import PolicyError, terms_of
from query_mgr.platform import clock
from query_mgr.platform.db import db

policies = Blueprint("policies", __name__)
_SHOWN = 200
BLANK: dict[str, str] = dict.fromkeys((*store.FIELDS, "payer_name"), "")


@policies.get("/policies")
@requires("policy.view")
def index() -> Any:
    """List the policies in force on a day, of one payer or all, on one code or all."""
    typed, code, on = request.args.get("payer", ""), request.args.get("code", "").strip().upper()[:5], _day()
    rows = db.session.scalars(select(PayerPolicy).order_by(PayerPolicy.number, PayerPolicy.version)).all()
    known = {row.ref: row for row in rows}
    found = [
        one
        for one in sorted(store.in_force(rows), key=lambda one: (one.payer, one.number))
        if one.since <= on <= one.until
        and (not typed or known[one.ref].payer.key == typed)
        and (not code or one.terms.concern(code))
    ]
    return render_template(
        "coding/policies.html", found=found[:_SHOWN], count=len(found), payers=store.payers(), payer=typed, code=code,
        on=on, any_at_all=bool(rows), tables=list(inventory()), kinds=KINDS, settings_of=SETTINGS,
    )  # fmt: skip


@policies.get("/policies/<ref>")
@requires("policy.view")
def policy(ref: str) -> Any:
    """Show one version with all others of its policy."""
    row = _version(ref)
    rows = store.versions(row.payer_id, row.number)
    days = {one.ref: one for one in store.in_force(rows)}
    return render_template(
        "coding/policies_one.html", row=row, terms=terms_of(row.terms), versions=rows, days=days,
        today=clock.now().date(),
    )  # fmt: skip


@policies.route("/policies/new", methods=["GET", "POST"])
@requires("policy.edit")
def new() -> Any:
    """Write a policy that is not there yet."""
    if request.method == "GET":
        return _form(BLANK, None)
    return _save(None)


@policies.route("/policies/<ref>/edit", methods=["GET", "POST"])
@requires("policy.edit")
def edit(ref: str) -> Any:
    """Make the next version of a policy from its newest one."""
    row = _version(ref)
    if request.method == "GET":
        newest = store.versions(row.payer_id, row.number)[0]
        if newest.ref != row.ref:
            return redirect(url_for("policies.edit", ref=newest.ref))
        return _form(_fields(row), row)
    return _save(row)


def _save(row: PayerPolicy | None) -> Any:
    typed = {name: request.form.get(name, "") for name in BLANK}
    if row is not None:
        typed |= {"payer": row.payer.key, "number": row.number}
    try:
        kept = actions.save(current_actor(), typed, note=request.form.get("change_note", ""), follows=row)
    except PolicyError as error:
        return _form(typed, row, error), 400
    flash(f"Version {kept.version} is kept.", "success")
    return redirect(url_for("policies.policy", ref=kept.ref), 303)


def _form(fields: Mapping[str, str], row: PayerPolicy | None, error: PolicyError | None = None) -> Any:
    note = request.form.get("change_note", "")
    return render_template(
        "coding/policies_form.html", fields=fields, row=row, error=error, payers=store.payers(), change_note=note
    )


def _fields(row: PayerPolicy) -> dict[str, str]:
    """Return a version as its form shows it."""
    shown = {name: str(value) for name, value in row.terms.items() if not isinstance(value, list)}
    shown |= {name: ", ".join(value) for name, value in row.terms.items() if isinstance(value, list)}
    return BLANK | shown | {
        "payer": row.payer.key, "number": row.number, "title": row.title, "citation": row.citation, "text": row.text,
        "source_url": row.source_url, "effective_from": row.effective_from.isoformat(),
        "effective_to": row.effective_to.isoformat() if row.effective_to else "",
    }  # fmt: skip


def _version(ref: str) -> PayerPolicy:
    row = db.session.scalar(select(PayerPolicy).where(PayerPolicy.ref == ref))
    if row is None:
        abort(404)
    return row


def _day() -> date:
    """Return the day that is asked about; today where none or no day was typed."""
    try:
        return date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return clock.now().date()

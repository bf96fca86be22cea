"""Sign in and out, the demo's one-click sign-in, and the provider directory."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_security.utils import verify_and_update_password
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from query_mgr.accounts import actions
from query_mgr.accounts.models import Provider, User
from query_mgr.accounts.permissions import requires
from query_mgr.accounts.session import begin_session, current_actor, end_session, safe_next
from query_mgr.audit import actions as audit
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.models import installation_fact
from query_mgr.platform.text import one_line
from query_mgr.platform.web import current_settings

accounts = Blueprint("accounts", __name__)


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Email and password."""

    email = StringField("Email", [InputRequired("Enter your email address"), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Enter your password"), Length(max=1024)])


class ProviderForm(FlaskForm):  # type: ignore[misc]
    """One directory entry; the rules are those of `actions.save_provider`."""

    name = StringField("Name", [InputRequired("Enter the name"), Length(max=200)])
    credentials = StringField("Credentials", description="As they stand behind the name: MD, DO, NP, PA-C")
    npi = StringField("NPI", [InputRequired("Enter the NPI")], description="10 digits")
    email = StringField("Email", [InputRequired("Enter the email address")])
    specialty = StringField("Specialty")
    service_line = StringField("Service line")
    pin = PasswordField(
        "PIN", description="6 to 12 digits; the provider signs with it. Empty keeps the present one."
    )
    is_active = BooleanField("May be sent queries", default=True)


def is_demo() -> bool:
    """Return whether one-click sign-in may be offered: demo mode, on a database that holds the demo hospital."""
    return current_settings().demo and installation_fact("demo_hospital") is not None


@accounts.get("/sign-in")
def sign_in() -> Any:
    """Show the form, and in demo mode the demo people."""
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next"), "/"))
    return _sign_in_page(SignInForm(), 200)


def _sign_in_page(form: SignInForm, status: int) -> Any:
    people: list[User] = []
    if is_demo():
        people = list(db.session.scalars(select(User).where(User.active).order_by(User.id)))
    wanted = request.values.get("next", "")
    return render_template("accounts/sign_in.html", form=form, people=people, next=wanted), status


@accounts.post("/sign-in")
def sign_in_post() -> Any:
    """Sign in with email and password; a wrong one says nothing about which was wrong."""
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form, 400)
    user = db.session.scalar(select(User).where(User.email == one_line(form.email.data or "").lower()))
    password = form.password.data or ""
    if user is None or not user.active or not user.password:
        actions.spend_time_of_a_check(password)
        good = False
    else:
        good = verify_and_update_password(password, user)
    if not good or user is None:
        form.password.errors = ["Email or password is wrong"]
        return _sign_in_page(form, 401)
    return _signed_in(user)


@accounts.post("/demo/sign-in/<int(max=2147483647):user_id>")
def demo_sign_in(user_id: int) -> Any:
    """Sign in as a demo person; does not exist outside the demo."""
    user = db.session.get(User, user_id) if is_demo() else None
    if user is None or not user.active:
        abort(404)
    return _signed_in(user)


def _signed_in(user: User) -> Any:
    begin_session(user)
    with unit_of_work():
        audit.record(user.email, "session.started", "user", str(user.id))
    return redirect(safe_next(request.values.get("next"), "/"))


@accounts.post("/sign-out")
def sign_out() -> Any:
    """End the session on the server and clear what the browser kept."""
    end_session()
    response = redirect(url_for("accounts.sign_in"))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@accounts.get("/providers")
@requires("provider.view")
def providers() -> Any:
    """List the directory."""
    found = db.session.scalars(select(Provider).order_by(Provider.name).limit(500)).all()
    return render_template("accounts/providers.html", providers=found)


@accounts.route("/providers/new", methods=["GET", "POST"])
@accounts.route("/providers/<ref>", methods=["GET", "POST"])
@requires("provider.edit")
def provider(ref: str | None = None) -> Any:
    """Show or save one entry."""
    found = db.session.scalar(select(Provider).where(Provider.ref == ref)) if ref else None
    if ref and found is None:
        abort(404)
    form = ProviderForm(obj=found)
    if not form.validate_on_submit():
        return render_template("accounts/provider.html", form=form, provider=found), 400 if form.errors else 200
    try:
        fields = {
            name: value or "" for name, value in form.data.items() if name not in {"csrf_token", "is_active"}
        }
        actions.save_provider(found, actor=current_actor(), is_active=bool(form.is_active.data), **fields)
    except actions.AccountError as error:
        form.name.errors = [*form.name.errors, str(error)]
        return render_template("accounts/provider.html", form=form, provider=found), 400
    flash("Saved.", "success")
    return redirect(url_for("accounts.providers"))

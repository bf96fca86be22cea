"""Whatever stands in an address or a form: a page or a plain refusal, never a fault (assurance §4 items 73-76, 88-92)."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import BuildError, Rule

from query_mgr.queries import actions
from tests.accounts.builders import a_user, signed_in
from tests.codes.builders import some_codes
from tests.queries.builders import a_coder, a_provider, an_encounter, content

#: what a database may take otherwise than the other one
FOR_DATABASES = (
    "\x00", "' OR 1=1--", "%' ESCAPE '", "\\", "%_", '"*', "NEAR(", "col:", "1e3", "9" * 30, "٣", "\ud800", "a" * 50_000,
)  # fmt: skip
FOR_PAGES = (
    '";', "-1", "0x1", "{{7*7}}", "{0.__class__}", "%s%n", "<script>x</script>", "\u202eabc\u2066", "e" + "\u0301" * 500,
    "🩺" * 200, "../../etc/passwd", "CON", "\x1c\x85\x7f", "  ",
)  # fmt: skip
#: characters of one value in an address, and of each of many: a web server takes no longer line
LONGEST_ADDRESS, EACH = 4_000, 60
FIELDS = (
    "q", "status", "provider", "mine", "after", "like", "from", "to", "service_line", "month", "page", "next", "title",
    "body", "question", "options", "option", "text", "comment", "code", "poa", "reason", "evidence", "start", "end",
    "kind", "ref", "remove", "change", "do", "decision", "changes", "override_reason", "template", "note", "requires",
    "asked_by", "talked_at", "how", "told", "answer", "words", "document", "query", "repeat_reason",
    "option_label", "option_changes", "site", "priority", "due", "reminders", "first_send", "mail_times", "holidays",
    "weekdays", "provider", "cover", "since", "until", "anchor", "on_days", "off_days", "members", "pool", "name", "npi", "email", "pin", "password", "op_id",
)  # fmt: skip


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    some_codes()
    coder = a_coder()
    actions.save_draft(coder, an_encounter(), a_provider(), content())
    return signed_in(app.test_client(), a_user("cdi_manager", "admin", email="mona@h.test"))


def addresses(app: Flask, method: str, value: str) -> list[str]:
    """Return the address of every rule that answers `method`, `value` in all its places."""
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        return [
            made
            for rule in app.url_map.iter_rules()
            if method in (rule.methods or ()) and (made := _made(adapter, rule, value))
        ]


def _made(adapter: object, rule: Rule, value: str) -> str:
    values = {name: 2**63 if "number" in name or name.endswith("_id") else value for name in rule.arguments}
    for event in ("submit", "reply"):
        try:
            return adapter.build(
                rule.endpoint, values | ({"event": event, "step": event} if "step" in rule.endpoint else {})
            )  # type: ignore[attr-defined,no-any-return]
        except (BuildError, ValueError, UnicodeError):
            continue
    return ""


def each(*values: str) -> pytest.MarkDecorator:
    """Run a test with each of these values."""
    return pytest.mark.parametrize("value", values, ids=[repr(value)[:20] for value in values])


@each(*FOR_DATABASES)
def test_no_address_and_no_query_string_causes_a_fault(client: FlaskClient, value: str) -> None:
    _open_everything(client, value[:LONGEST_ADDRESS])


@each(*FOR_DATABASES)
def test_no_form_causes_a_fault(client: FlaskClient, value: str) -> None:
    _post_everywhere(client, value)


@pytest.mark.sqlite_only
@each(*FOR_PAGES)
def test_no_address_and_no_query_string_breaks_a_page(client: FlaskClient, value: str) -> None:
    _open_everything(client, value)


@pytest.mark.sqlite_only
@each(*FOR_PAGES)
def test_no_form_breaks_a_page(client: FlaskClient, value: str) -> None:
    _post_everywhere(client, value)


def _open_everything(client: FlaskClient, value: str) -> None:
    found = addresses(client.application, "GET", value)
    assert len(found) >= 17
    typed = urlencode(dict.fromkeys(FIELDS, value[:EACH].encode("utf-8", "surrogatepass")))
    for address in found:
        if address.startswith("/static"):
            continue
        answer = client.get(address, query_string=typed)
        assert answer.status_code < 500, address[:60]


def _post_everywhere(client: FlaskClient, value: str) -> None:
    found = addresses(client.application, "POST", "nothing") + the_forms(client)
    text = value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    for address in found:
        if address == "/sign-out":
            continue
        answer = client.post(address, data=dict.fromkeys(FIELDS, text))
        assert answer.status_code < 500, address[:60]


def the_forms(client: FlaskClient) -> list[str]:
    """Return the forms of things that exist."""
    from sqlalchemy import select

    from query_mgr.charts.models import Encounter
    from query_mgr.platform.db import db
    from query_mgr.queries.models import Query

    query, encounter = db.session.scalars(select(Query.ref)).one(), db.session.scalars(select(Encounter.ref)).one()
    return [
        f"/encounters/{encounter}/codes", f"/encounters/{encounter}/queries", f"/queries/{query}/edit",
        f"/queries/{query}/indicators", f"/queries/{query}/reply", f"/queries/{query}/cancel",
        f"/queries/{query}/reconcile", f"/queries/{query}/take_back", f"/queries/{query}/cosign", f"/queries/{query}/return",
        f"/queries/{query}/spoken", f"/queries/{query}/again", f"/queries/{query}/document",
        f"/queries/{query}/priority", f"/queries/{query}/pool",
        f"/encounters/{encounter}/queries/together", "/templates/obesity_class/retire", "/templates/new", "/providers/new",
    ]  # fmt: skip

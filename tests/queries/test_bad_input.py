"""Bad input by its number in the assurance list, where a query or a template can meet it.

Elsewhere: codes as typed (65-68) in tests/codes/test_search_box.py and test_rollover.py, what stands against the
conventions (69) in tests/coding, names and texts of charts (73-77) in tests/charts/test_odd_texts.py and
tests/assurance/test_hostile_input.py, an answer of blanks (78) and the mail (79) in tests/respond/test_answer.py.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask, render_template
from markupsafe import escape
from sqlalchemy import select

from query_mgr.charts.models import Document
from query_mgr.clinical.requirements.chart import ChartContext
from query_mgr.insight.templates import by_version
from query_mgr.platform.db import db
from query_mgr.queries import actions, compose, cosign, drafting, sending
from query_mgr.queries.answers import AnswersError, offered, with_label
from query_mgr.queries.library.definition import TemplateError
from query_mgr.queries.library.files import shipped
from query_mgr.queries.library.render import render
from query_mgr.queries.library.writing import OptionFields, read
from query_mgr.queries.lint import Draft, Identity, lint
from query_mgr.queries.models import Query
from query_mgr.reconcile import actions as reconcile
from query_mgr.respond.answering import Response, sign
from query_mgr.respond.models import QueryLink
from tests.accounts.builders import a_user, actor
from tests.conftest import Clock
from tests.insight.builders import NOW, a_row
from tests.queries.builders import (
    ACUTE,
    CHRONIC,
    OTHER,
    UNDETERMINED,
    a_coder,
    a_provider,
    a_sent_query,
    an_encounter,
    an_indicator,
    content,
)
from tests.queries.test_site_templates import OWN


@pytest.mark.parametrize(
    "change",
    ["add E11,9", "add Ｅ11.9", "add Е11.9", "add 250.00", "add 0DTJ4ZZ", "replace I50 I50,21"],
)
def test_items_65_to_67_a_template_proposes_only_what_is_written_as_a_code(change: str) -> None:
    options = (OptionFields("", "Gout of the right foot", "clinical", change), *OWN.options[1:])
    with pytest.raises(TemplateError, match=r"options\[1\]\.changes\[1\]\.code.*dotted ICD-10-CM"):
        read(replace(OWN, options=options), "1")


def written(added: str = "", **texts: str) -> Query:
    """A draft whose author typed these texts, and one more answer in place of the first."""
    coder = a_coder()
    draft = actions.save_draft(coder, an_encounter(), a_provider(), content())
    before = drafting.words_of(draft)
    kept = {one["key"] for one in before.options[1:]}
    answers = offered(before.options, kept, added)
    fields = {name: getattr(before, name) for name in ("title", "body", "question")} | texts
    return drafting.write(coder, draft, drafting.typed(before, draft.provider, answers, **fields))


def test_item_70_an_answer_that_maps_to_no_code_leaves_the_code_to_a_person(app: Flask, time: Clock) -> None:
    draft = written("Acute on chronic systolic heart failure")
    lead = actor(a_user("cdi_lead"))
    query = sending.send(lead, draft, "reviewed")
    own = query.options[1]
    assert (own["label"], own["changes"]) == ("Acute on chronic systolic heart failure", [])
    answer = sign(db.session.scalars(select(QueryLink)).one(), Response(own["key"], "", "op-1"))
    row = reconcile.pending(answer)
    assert row is not None
    assert row.proposal == []
    with pytest.raises(reconcile.ReconcileError, match="no code change to accept"):
        reconcile.decide(lead, answer, "accepted", "")


def test_item_71_what_breaks_a_rule_blocks_sending_and_says_which(app: Flask, time: Clock) -> None:
    coder, encounter, provider = a_coder(), an_encounter(), a_provider()
    early = replace(an_indicator(), observed_at=time().replace(year=2019))
    broken: dict[str, dict[str, object]] = {
        "missing_other": {"options": (ACUTE, CHRONIC, UNDETERMINED)},
        "missing_undetermined": {"options": (ACUTE, CHRONIC, OTHER)},
        "too_few_options": {"options": (OTHER, UNDETERMINED)},
        "leading_title": {"title": "Acute kidney injury"},
        "financial_or_quality_impact": {"body": "It would raise the reimbursement."},
        "prior_encounter_misuse": {"indicators": (an_indicator(), early)},
        "no_indicators": {"indicators": ()},
    }
    for rule, change in broken.items():
        draft = actions.save_draft(coder, encounter, provider, content(**change))
        with pytest.raises(sending.SendBlockedError) as caught:
            sending.send(coder, draft, "reviewed", "reviewed")
        assert rule in {one.rule for one in caught.value.findings if one.severity == "error"}
        assert actions.locked(draft.id).status == "draft"


@pytest.mark.parametrize(
    "word",
    [
        "re\u200bimbursement", "re\u00adimbursement", "rеimbursеment", "REIMBURSEMENT", "ｒｅｉｍｂｕｒｓｅｍｅｎｔ",
        "&#114;eimbursement", "&amp;#114;eimbursement", "re<b></b>imbursement",
        '<span style="color:white">reimbursement</span>', "re\u0301imbursement", "reimburse\ufeffment",
    ],
)  # fmt: skip
def test_item_72_no_spelling_hides_a_word_and_the_finding_shows_it_plain(word: str) -> None:
    draft = Draft("Heart failure", f"This affects {word} here.", "Please clarify.", "open_ended", "specificity")
    found = [one for one in lint(draft) if one.rule == "financial_or_quality_impact"]
    assert len(found) == 1
    assert "reimbursement" in found[0].excerpt.lower()


MARKUP = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "</textarea><b>",
    "{{7*7}}", "{{cycler.__init__.__globals__}}", "${7*7}", "%s%n", "{0.__class__}", "{% raw %}",
)  # fmt: skip


def a_page(**changes: object) -> str:
    """A query as its provider sees it."""
    snapshot: dict[str, object] = {
        "title": "Heart failure", "body": "", "question": "Please clarify.", "indicators": [], "talk": None, "earlier": None,
        "patient": {"name": "Testperson, Ada", "mrn": "1"},
        "encounter": {"class": "inpatient", "number": "2", "admitted_at": "2026-03-01T10:00:00+00:00"},
    }  # fmt: skip
    return render_template("queries/question.html", snapshot=snapshot | changes)


def test_item_73_markup_stays_what_it_is_in_what_the_provider_sees(app: Flask) -> None:
    for evil in MARKUP:
        quoted = {"text": evil, "source": evil, "observed_at": "2026-03-01T10:00:00+00:00", "scope": "current"}
        earlier = dict.fromkeys(("question", "answer", "answered_by"), evil) | dict.fromkeys(
            ("asked_at", "answered_at"), "2026-03-01T10:00:00+00:00"
        )
        talk = {"asked_by": evil, "told": evil, "how": "by_phone", "at": "2026-03-01T10:00:00+00:00"}
        page = a_page(title=evil, body=evil, question=evil, indicators=[quoted], earlier=earlier, talk=talk)
        assert page.count(str(escape(evil))) == 10
        assert evil == escape(evil) or evil not in page


def test_item_74_signs_that_turn_text_leave_lines_and_are_shown_in_quotations(app: Flask, time: Clock) -> None:
    draft = written("Ac\u202eute", title="Heart\u202e failure\u2066", body="a\u202eb", question="Type\u2028of it?")
    assert draft.title == "Heart failure"
    assert draft.options[1]["label"] == "Acute"
    assert draft.body == "a\u202eb"
    page = a_page(body=draft.body, question=draft.question)
    assert 'data-sign="U+202E"' in page
    assert 'data-sign="U+2028"' in page


@pytest.mark.parametrize("sign", ["\x01", "\x1b", "\x7f", "\x85"])
def test_item_75_controls_leave_a_title_and_stay_in_a_body_on_both_databases(
    app: Flask, time: Clock, sign: str
) -> None:
    written(title=f"Heart{sign} failure", body=f"a{sign}b")
    db.session.expire_all()
    kept = db.session.scalars(select(Query)).one()
    assert kept.title.replace(" ", "") == "Heartfailure"
    assert kept.body == f"a{sign}b"


@pytest.mark.parametrize(
    "title",
    ["🩺", "x", "Null", "O'Brien", "Robert'); DROP TABLE query;--", "True", "../../x", "CON", "..", "x" * 200],
)
def test_item_76_whatever_a_person_types_is_a_title(app: Flask, title: str) -> None:
    actions.save_draft(a_coder(), an_encounter(), a_provider(), content(title=title))
    db.session.expire_all()
    assert db.session.scalars(select(Query.title)).one() == title


def test_item_77_both_ways_to_write_an_accent_are_one_title_and_one_answer(app: Flask, time: Clock) -> None:
    draft = written("Sjo\u0308gren", title="Syndrome de Sjo\u0308gren")
    assert draft.title == "Syndrome de Sjögren"
    with pytest.raises(AnswersError, match="offered already"):
        with_label(draft.options, "Sjögren")


@pytest.mark.parametrize(
    "text", ["x" * 5_000_000, "x\n" * 100_000, "x" * 1_000_000], ids=["5 MB", "lines", "one line"]
)
def test_item_78_endless_text_is_refused_with_its_limit(app: Flask, time: Clock, text: str) -> None:
    coder = a_coder()
    query = a_sent_query(coder)
    with pytest.raises(actions.QueryError, match="8000"):
        actions.save_draft(coder, query.encounter, query.provider, content(body=text))
    draft = actions.save_draft(coder, query.encounter, query.provider, content())
    for reasons in (("reviewed", text), (text, "")):
        with pytest.raises(actions.QueryError, match="8000"):
            sending.send(coder, draft, *reasons)
    with pytest.raises(actions.QueryError, match="8000"):
        cosign.give_back(actor(a_user("cdi_lead")), draft, text)
    with pytest.raises(actions.QueryError, match="8000"):
        actions.reply(coder, query, text)


ADA = Identity("Testperson", "Ada Marie", ("00417", "CSN1", "1950-03-14", "3/14/1950"))


@pytest.mark.parametrize(
    ("title", "names_somebody"),
    [
        ("Heart failure of Ada Testperson", True),
        ("TESTPERSON, ADA: heart failure", True),
        ("Heart failure, Mrs. Testperson", True),
        ("Heart failure (00417)", True),
        ("Heart failure, CSN1", True),
        ("Heart failure, 3/14/1950", True),
        ("Heart failure, MRN 99881", True),  # of whomever
        ("Heart failure, 555-12-9876", True),
        ("Testperson sign", False),  # a family name alone may be a word
        ("Heart failure, EF 30% on 3/14/2026", False),
        ("CSN10 and 100417x", False),
    ],
)
def test_item_79_a_title_that_tells_who_the_patient_is_gets_a_warning(title: str, names_somebody: bool) -> None:
    draft = Draft(title, "", "Please clarify.", "open_ended", "specificity", identity=ADA)
    found = [one for one in lint(draft) if one.rule == "identity_in_title"]
    assert [one.severity for one in found] == (["warning"] if names_somebody else [])
    for one in found:
        assert title[slice(*one.span)].strip()


def test_item_79_the_lint_of_a_query_knows_whose_it_is(app: Flask) -> None:
    draft = actions.save_draft(
        a_coder(), an_encounter(), a_provider(), content(title="Ada Testperson: heart failure")
    )
    assert "identity_in_title" in {one.rule for one in sending.findings_of(draft)}


@pytest.mark.parametrize(
    "title",
    ["a" * 50_000 + "!", "mrn " * 12_000, "1-" * 25_000, "mr. " * 12_000, "ada " * 12_000, "born 1." * 7_000],
)
def test_item_91_a_title_made_to_stall_a_pattern_is_read_to_its_end(title: str) -> None:
    assert isinstance(lint(Draft(title, "", "Please clarify.", "open_ended", "specificity", identity=ADA)), tuple)


def test_item_107_without_answers_there_is_nothing_to_divide_by() -> None:
    assert by_version([], NOW) == []
    rows = [a_row(template_key="aki", status="undelivered") for _ in range(3)]
    [found] = by_version(rows, NOW)
    assert {one.text for one in (found.agree, found.undetermined, found.median)} == {"n/a"}
    assert found.response.text == "0.0%"


def test_item_109_a_placeholder_without_a_value_is_named_and_nothing_is_written(app: Flask) -> None:
    with pytest.raises(TemplateError, match=r"documented\.\w+: this chart has no value"):
        render(replace(shipped()["anemia_type"], body="{{ documented.on }}"), ChartContext())
    with pytest.raises(actions.QueryError, match="It lacks"):
        compose.start(a_coder(), an_encounter(), a_provider(), "anemia_type")
    assert db.session.scalars(select(Query)).all() == []


def test_item_109_what_looks_like_a_placeholder_in_a_note_is_inserted_as_it_stands(
    app: Flask, time: Clock
) -> None:
    encounter = an_encounter()
    note = db.session.scalars(select(Document)).one()
    note.text = "Assessment: heart failure {{ documented.on }}. Continue furosemide 40 mg IV."
    db.session.commit()
    draft = actions.save_draft(a_coder(), encounter, a_provider(), content(body=note.text))
    assert draft.body == note.text
    assert "{{ documented.on }}" in a_page(body=draft.body)

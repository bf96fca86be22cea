"""Templates made in the browser: read back as written, decided by a second person, in force only then."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from query_mgr.accounts.permissions import NotAllowedError
from query_mgr.accounts.session import Actor
from query_mgr.queries import compose, site_templates
from query_mgr.queries.library.check import findings
from query_mgr.queries.library.definition import Template, TemplateError
from query_mgr.queries.library.files import shipped
from query_mgr.queries.library.schema import parse
from query_mgr.queries.library.writing import BLANK, Fields, OptionFields, fields_of, file_of, read
from query_mgr.queries.lifecycle import NotPossibleError
from query_mgr.queries.lint import is_compliant
from query_mgr.queries.models import SiteTemplate
from query_mgr.queries.site_templates import SiteTemplateError, in_force, take_step
from query_mgr.queries.template_files import take_files
from tests.accounts.builders import a_user, actor
from tests.queries.builders import a_provider, an_encounter

OWN = replace(
    BLANK,
    id="gout_site",
    title="Joint documentation clarification",
    condition="gout",
    when_to_use="The joint is treated and its site is not written.",
    requires="- {kind: mention, label: gout documented, words: [gout], by: provider, fills: documented}",
    options=(
        OptionFields("", "Gout of the right foot", "clinical", "replace M10.9 M10.071"),
        OptionFields("", "Gout of the left foot", "clinical", "replace M10.9 M10.072"),
        *BLANK.options,
    ),
)


def meaning(template: Template) -> Template:
    """Return a template without what only tells files apart."""
    return replace(template, source="", folder="", version="")


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_template_keeps_its_meaning_through_the_form(name: str) -> None:
    template = shipped()[name]
    assert meaning(parse(file_of(fields_of(template), "1"), name)) == meaning(template)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_template_passes_the_check_that_its_successors_must_pass(name: str) -> None:
    assert is_compliant(findings(shipped()[name]))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"id": "Gout Site"}, "id: .*lower case"),
        ({"title": ""}, "title.* is missing"),
        ({"requires": ""}, "requires.* is missing"),
        ({"requires": "- {kind: mention"}, "requires, line 1: is not valid YAML"),
        ({"requires": "- {kind: mention, label: x, words: [gout], wrods: [x]}"}, "did you mean 'words'"),
        ({"requires": "a: &a [x]\nb: *a"}, "aliases"),
        ({"requires": "[" * 400}, "nests deeper"),
        ({"requires": "x" * 70_000}, "longer than"),
        ({"body": "{{ ''.__class__ }}"}, "may not be inserted"),
        ({"body": "{% for x in range(9) %}{% endfor %}"}, "may not be inserted"),
        ({"question": "## Question"}, "Question"),
        ({"purpose": "money"}, "is not known"),
        ({"options": OWN.options[:2]}, "'other' is missing"),
        ({"options": (replace(OWN.options[0], changes="swap A B C"), *OWN.options[1:])}, "answer 1: .*no code change"),
        ({"options": (replace(OWN.options[0], changes="add nonsense"), *OWN.options[1:])}, "dotted ICD-10-CM"),
        ({"options": (replace(OWN.options[0], shown_when="- ["), *OWN.options[1:])}, "answer 1, offered when, line"),
        ({"title": "Gout\x00"}, "title: contains a NUL"),
        ({"body": "Gout\x00"}, "contains a NUL"),
    ],
)  # fmt: skip
def test_a_form_that_makes_no_template_says_which_field_to_mend(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        read(replace(OWN, **wrong), "1")  # type: ignore[arg-type]


def test_answers_without_a_key_get_one_each() -> None:
    twice = replace(
        OWN, options=(*OWN.options[:1], *OWN.options[:1], OptionFields("", "1st", "clinical"), *BLANK.options)
    )
    keys = [option.key for option in read(twice, "1").options]
    assert keys == ["gout_of_the_right_foot", "gout_of_the_right_foot_2", "a_1st", "other", "undetermined"]


@pytest.fixture
def coder(app: Flask) -> Actor:
    return actor(a_user("coder", email="cole@h.test"))


@pytest.fixture
def manager(app: Flask) -> Actor:
    return actor(a_user("cdi_manager", email="mona@h.test"))


def approved(coder: Actor, manager: Actor, fields: Fields) -> SiteTemplate:
    row = take_step(coder, site_templates.create(coder, fields), "submit")
    return take_step(manager, row, "approve")


def test_a_draft_is_in_force_only_once_a_second_person_approved_it(coder: Actor, manager: Actor) -> None:
    row = site_templates.create(coder, OWN)
    assert "gout_site" not in in_force()
    take_step(coder, row, "submit")
    with pytest.raises(NotAllowedError):
        take_step(coder, row, "approve")
    take_step(manager, row, "approve")
    assert in_force()["gout_site"].version == "site-1"


def test_nobody_approves_a_template_of_their_own(manager: Actor) -> None:
    row = take_step(manager, site_templates.create(manager, OWN), "submit")
    with pytest.raises(SiteTemplateError, match="second person"):
        take_step(manager, row, "approve")


def test_a_template_that_leads_cannot_be_submitted(coder: Actor) -> None:
    row = site_templates.create(coder, replace(OWN, question="Please document gout to support the higher DRG."))
    with pytest.raises(SiteTemplateError, match="compliance check"):
        take_step(coder, row, "submit")


def test_a_returned_draft_says_what_to_change(coder: Actor, manager: Actor) -> None:
    row = take_step(coder, site_templates.create(coder, OWN), "submit")
    with pytest.raises(SiteTemplateError, match="Say what"):
        take_step(manager, row, "return")
    row = take_step(manager, row, "return", "Name the joint too.")
    assert (row.status, row.note) == ("draft", "Name the joint too.")


def test_an_approved_version_takes_the_place_of_the_one_before_and_retiring_it_brings_back_what_ships(
    coder: Actor, manager: Actor
) -> None:
    original = shipped()["obesity_class"]
    fields = fields_of(original)
    approved(coder, manager, replace(fields, when_to_use="First."))
    second = approved(coder, manager, replace(fields, when_to_use="Second."))
    assert in_force()["obesity_class"].when_to_use == "Second."
    assert [row.status for row in site_templates.versions("obesity_class")] == ["approved", "retired"]
    take_step(manager, second, "retire")
    assert in_force()["obesity_class"] == original


def test_one_undecided_version_at_a_time(coder: Actor, manager: Actor) -> None:
    site_templates.create(coder, OWN)
    with pytest.raises(SiteTemplateError, match="not decided yet"):
        site_templates.create(manager, OWN)


def test_a_draft_is_changed_by_its_author_alone_and_never_over_another_change(
    coder: Actor, manager: Actor
) -> None:
    row = site_templates.create(coder, OWN)
    before = row.source
    with pytest.raises(SiteTemplateError, match="author"):
        site_templates.save(manager, row, OWN, before)
    site_templates.save(coder, row, replace(OWN, title="Gout site clarification"), before)
    with pytest.raises(SiteTemplateError, match="another window"):
        site_templates.save(coder, row, OWN, before)


@pytest.mark.parametrize("event", ["submit", "return", "withdraw", "approve"])
def test_an_approved_version_takes_no_step_back(coder: Actor, manager: Actor, event: str) -> None:
    row = approved(coder, manager, OWN)
    who = coder if event in ("submit", "withdraw") else manager
    with pytest.raises(NotPossibleError, match="approved"):
        take_step(who, row, event, "x")


def test_a_file_is_taken_in_and_handed_out_with_the_same_meaning(coder: Actor) -> None:
    source = file_of(OWN, "9")
    take_files(coder, [("gout.md", source)])
    row = site_templates.versions(OWN.id)[0]
    assert meaning(parse(row.source, "gout")) == meaning(parse(source, "gout"))


def test_a_query_is_composed_from_the_version_in_force(coder: Actor, manager: Actor) -> None:
    fields = replace(
        OWN,
        id="failure_site",
        requires="- {kind: mention, label: heart failure, words: [heart failure], by: provider, fills: documented}",
    )
    approved(coder, manager, fields)
    query = compose.start(coder, an_encounter(), a_provider(), "failure_site")
    assert (query.template_version, query.title) == ("site-1", OWN.title)
    assert "heart failure" in query.body

"""Templates in and out as files, all of them or none; retirement."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from query_mgr.accounts.permissions import NotAllowedError
from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.queries import actions, compose, retirement, site_templates
from query_mgr.queries.library.definition import TemplateError
from query_mgr.queries.library.files import shipped
from query_mgr.queries.library.writing import file_of
from query_mgr.queries.lifecycle import NotPossibleError
from query_mgr.queries.site_templates import SiteTemplateError, in_force, readable
from query_mgr.queries.template_files import packed, take_files, unpacked
from tests.accounts.builders import a_user, actor
from tests.queries.builders import a_provider, an_encounter
from tests.queries.test_site_templates import OWN


@pytest.fixture
def coder(app: Flask) -> Actor:
    return actor(a_user("coder", email="cole@h.test"))


@pytest.fixture
def manager(app: Flask) -> Actor:
    return actor(a_user("cdi_manager", email="mona@h.test"))


def a_zip(**members: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name.replace("__", "/") + ".md", content)
    return out.getvalue()


def test_the_shipped_library_goes_out_and_comes_back_as_it_was() -> None:
    content = packed(shipped().values())
    assert content == packed(shipped().values())
    found = dict(unpacked(content, "all.zip"))
    assert {name.rpartition("/")[2] for name in found} == {f"{key}.md" for key in shipped()}
    assert all(shipped()[name.rpartition("/")[2][:-3]].source == text for name, text in found.items())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (a_zip(a=b"\xff"), r"a\.md.*not UTF-8"),
        (a_zip(a=b"x" * 70_000), r"a\.md.*64 KiB"),
        (a_zip(**{"..__a": "x"}), "leads out of the folder"),
        (a_zip(a="x").replace(b".md", b".py"), r"a\.py.*no template file"),
        (a_zip(a="x")[:40], "no readable ZIP"),
        (a_zip(**{f"f{n}": "x" for n in range(1001)}), "more than 1000 files"),
        (b"PK\x03\x04" + b"x" * (8 * 1024 * 1024), "larger than 8 MB"),
    ],
    ids=["not text", "large file", "zip slip", "foreign file", "cut short", "many files", "large zip"],
)
def test_a_zip_that_is_no_library_is_refused_by_name(content: bytes, words: str) -> None:
    with pytest.raises(TemplateError, match=words):
        unpacked(content, "all.zip")


def test_only_what_says_something_new_becomes_a_draft(coder: Actor) -> None:
    changed = shipped()["obesity_class"].source.replace("version:", "# ours\nversion:")
    files = [("a.md", changed), ("b.md", file_of(OWN, "9"))]
    taken = take_files(coder, files)
    assert [(one.key, one.version) for one in taken] == [("obesity_class", None), ("gout_site", 1)]
    assert in_force().keys() == shipped().keys()  # a second person has not approved it


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ("---\nid: x\n---\nnothing", r"b\.md"),
        (file_of(OWN, "1"), r"b\.md.*comes twice|a\.md.*comes twice"),
        (file_of(replace(OWN, id="taken_id"), "1"), r"b\.md: Version 1 of taken_id"),
    ],
)
def test_one_bad_file_keeps_all_of_them_out(
    coder: Actor,
    manager: Actor,
    second: str,
    words: str,
) -> None:
    site_templates.create(manager, replace(OWN, id="taken_id"))
    before = [one.key for one in site_templates.undecided()]
    with pytest.raises((TemplateError, SiteTemplateError), match=words):
        take_files(coder, [("a.md", file_of(OWN, "1")), ("b.md", second)])
    assert [one.key for one in site_templates.undecided()] == before


def test_a_retired_template_stays_readable_and_is_offered_to_nobody(coder: Actor, manager: Actor) -> None:
    with pytest.raises(NotAllowedError):
        retirement.retire(coder, "obesity_class", "We ask otherwise.")
    with pytest.raises(SiteTemplateError, match="why"):
        retirement.retire(manager, "obesity_class", " ")
    retirement.retire(manager, "obesity_class", "We ask otherwise.")
    assert "obesity_class" not in in_force()
    assert readable()["obesity_class"] == shipped()["obesity_class"]
    with pytest.raises(actions.QueryError, match="no such template"):
        compose.start(coder, an_encounter(), a_provider(), "obesity_class")
    with pytest.raises(NotPossibleError):
        retirement.retire(manager, "obesity_class", "Twice.")
    retirement.restore(manager, "obesity_class")
    assert "obesity_class" in in_force()
    with pytest.raises(NotPossibleError):
        retirement.restore(manager, "obesity_class")
    assert audit.verify()[1] is None


def test_the_command_writes_a_zip_and_takes_it_back(app: Flask, tmp_path: Path) -> None:
    actor(a_user("coder", email="cole@h.test"))
    runner, target = app.test_cli_runner(), tmp_path / "out.zip"
    done = runner.invoke(args=["queries", "templates", "export", str(target), "obesity_class"])
    assert "1 templates in" in done.output
    done = runner.invoke(args=["queries", "templates", "import", str(target), "--as", "cole@h.test"])
    assert done.output.endswith("obesity_class.md: unchanged\n")
    own = tmp_path / "gout_site.md"
    own.write_text(file_of(OWN, "1"), encoding="utf-8")
    done = runner.invoke(args=["queries", "templates", "import", str(own), "--as", "cole@h.test"])
    assert done.output == "gout_site.md: draft 1\n"
    done = runner.invoke(args=["queries", "templates", "import", str(own), "--as", "nobody@h.test"])
    assert (done.exit_code, "nobody@h.test: nobody signs in" in done.output) == (1, True)
    done = runner.invoke(args=["queries", "templates", "export", str(target), "nothing"])
    assert "nothing: no template of this id" in done.output

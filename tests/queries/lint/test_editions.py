"""An edition of the brief: what it cites, and what is said of a file that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from query_mgr.queries.lint import lint
from query_mgr.queries.lint.editions import SHIPPED, Edition, EditionError, edition
from query_mgr.queries.lint.exchange import answered, draft_from
from query_mgr.queries.lint.rules import DEFAULT_EDITION, RULE_IDS, RULES

SITE = """\
brief: The 2026 brief
rules:
  no_indicators: {section: Evidence}
  missing_other: {section: Choices, also: [OCG III, House rule 7], rows: [Q10, Q14]}
  identity_in_title:
    also: HIPAA
"""
IDS = ("no_indicators", "missing_other", "identity_in_title")


def site(folder: Path, text: str, name: str = "2026") -> Edition:
    """Return the edition that a site's file holds."""
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return edition(name, IDS, folder)


def test_2022_cites_every_rule_and_its_rows() -> None:
    assert DEFAULT_EDITION.name == "2022"
    assert tuple(DEFAULT_EDITION.citations) == RULE_IDS == tuple(rule.id for rule in RULES)
    assert DEFAULT_EDITION.citations["undocumented_diagnosis_in_question"] == (
        "ACDIS/AHIMA Compliant Query Practice (2022), leading queries; OCG I.A.19; Q06, Q18, G01"
    )
    assert DEFAULT_EDITION.citations["identity_in_title"] == "45 CFR 164.502(b), minimum necessary; Q07"
    assert all("Q" in cited for cited in DEFAULT_EDITION.citations.values())


def test_only_editions_whose_text_we_know_ship() -> None:
    assert [one.stem for one in SHIPPED.glob("*.yaml")] == ["2022"]


def test_a_sites_own_edition_says_where_when_and_what_else(tmp_path: Path) -> None:
    found = site(tmp_path, SITE)
    assert found == Edition(
        "2026",
        {
            "no_indicators": "The 2026 brief, Evidence",
            "missing_other": "The 2026 brief, Choices; OCG III; House rule 7; Q10, Q14",
            "identity_in_title": "HIPAA",
        },
    )


def test_findings_cite_the_edition_that_is_asked_for() -> None:
    other = Edition("2026", {rule: f"2026 on {rule}" for rule in RULE_IDS})
    query = {"query_type": "open_ended", "question": "Please clarify what was treated with furosemide."}
    assert [one.source for one in lint(draft_from(query), other)] == ["2026 on no_indicators"]
    assert [one["citation"] for one in answered(query, other)["findings"]] == ["2026 on no_indicators"]
    assert "(2022), clinical indicators" in answered(query)["findings"][0]["citation"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SITE.replace("no_indicators", "no_indicator"), "2026.yaml:3: rules.no_indicator: unknown field 'no_indicator'; did you mean 'no_indicators'?"),
        (SITE.replace("  no_indicators: {section: Evidence}\n", ""), "2026.yaml:3: rules: field 'no_indicators' is missing"),
        (SITE.replace("section: Evidence", "section:"), "2026.yaml:3: rules.no_indicators.section: must be text"),
        (SITE.replace("also: HIPAA", "rows: [Q07]"), "2026.yaml:6: rules.identity_in_title: needs `section`, or `also`"),
        (SITE.replace("also: HIPAA", "chapter: 4"), "2026.yaml:6: rules.identity_in_title.chapter: unknown field 'chapter'"),
        (SITE.replace("brief: The 2026 brief\n", ""), "2026.yaml:1: field 'brief' is missing"),
        (SITE.replace("brief:", "name: x\nbrief:"), "2026.yaml:1: name: unknown field 'name'"),
        (SITE + "  no_indicators: {section: Again}\n", "2026.yaml:7: rules.no_indicators: field appears twice"),
        (SITE.replace("{section: Evidence}", "{section: Evidence"), "2026.yaml:4: is not valid YAML"),
        (SITE.replace("{section: Evidence}", "Evidence"), "2026.yaml:3: rules.no_indicators: must be a list of"),
        ("", "2026.yaml:1: "),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_with_line_and_key(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(EditionError) as caught:
        site(tmp_path, text)
    assert says in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path))


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "2026.yaml").write_bytes(b"brief: \xff\xfe")
    with pytest.raises(EditionError, match=r"2026\.yaml: cannot be read as UTF-8 text \(UnicodeDecodeError\)"):
        edition("2026", IDS, tmp_path)
    (tmp_path / "2027.yaml").mkdir()
    with pytest.raises(EditionError, match=r"2027\.yaml: cannot be read as UTF-8 text \(IsADirectoryError\)"):
        edition("2027", IDS, tmp_path)


def test_an_unknown_edition_is_told_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(EditionError, match=r"there is no edition 2019: 2022 ships; .*2019\.yaml is not there"):
        edition("2019", IDS, tmp_path)
    with pytest.raises(EditionError, match=r"there is no edition 2019: 2022 ships\Z"):
        edition("2019", IDS)


@pytest.mark.parametrize("name", ["", "../2022", "a/b", ".hidden", "2022\n", "x" * 31])
def test_a_name_leads_to_no_other_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(EditionError, match="is no name of an edition"):
        edition(name, IDS, tmp_path)


def test_a_name_of_thirty_signs_is_one(tmp_path: Path) -> None:
    assert site(tmp_path, SITE, "Site-2026_v1.2-" + "x" * 15).name == "Site-2026_v1.2-" + "x" * 15


def test_no_site_changes_what_2022_means(tmp_path: Path) -> None:
    with pytest.raises(EditionError, match=r"2022\.yaml: the edition 2022 ships with query_mgr; give the file"):
        site(tmp_path, SITE, "2022")

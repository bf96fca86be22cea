"""The narrative block as text that a coder can read, and in which nothing can run."""

from __future__ import annotations

import pytest

from tests.charts.ccda_documents import a_document, a_section, read, text_of


def shown(markup: str) -> str:
    """Return the text of a section that holds some narrative, without its heading."""
    return text_of(a_document(a_section("SECTION", markup))).removeprefix("SECTION\n").removeprefix("SECTION")


def test_paragraphs_are_set_apart_and_line_breaks_kept() -> None:
    assert (
        shown("<paragraph>One\n   line.</paragraph><paragraph>Two<br/>lines.</paragraph>")
        == "One line.\n\nTwo\nlines."
    )


def test_a_table_is_one_line_a_row_with_its_cells_apart() -> None:
    table = (
        "<table><caption>Labs</caption><thead><tr><th>Test</th><th>Value</th></tr></thead>"
        "<tbody>\n <tr><td>K</td><td><paragraph>4.0</paragraph></td><td/></tr>\n <tr><td/><td>140</td></tr></tbody></table>"
    )
    assert shown(table) == "Labs\n\nTest | Value\nK | 4.0\n| 140"


def test_lists_are_numbered_or_marked_and_nested_ones_indented() -> None:
    inner = "<list><item>red</item><item>blue</item></list>"
    assert (
        shown(f"<list><item>colors{inner}</item><item>shapes</item></list>")
        == "- colors\n  - red\n  - blue\n- shapes"
    )
    assert shown('<list listType="ordered"><item>one</item><item>two</item></list>') == "1. one\n2. two"


def test_what_a_mark_means_stays_visible() -> None:
    assert shown("10<sup>3</sup>/uL H<sub>2</sub>O") == "10^3/uL H2O"
    assert shown("Stable<footnote>per nursing</footnote>.") == "Stable [note: per nursing]."
    assert (
        shown('<renderMultiMedia referencedObject="x"><caption>Chest</caption></renderMultiMedia>')
        == "[picture: Chest]"
    )


def test_deleted_text_is_left_out_and_said() -> None:
    reading = read(a_document(a_section("A", 'No <content revised="delete">sepsis</content>fever.')))
    assert reading.bundle.documents[0].text == "A\nNo fever."
    assert any(line.startswith("deleted:") for line in reading.warnings)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ('<table onmouseover="alert(1)"><tbody><tr onclick="x()"><td>safe</td></tr></tbody></table>', "safe"),
        ('<linkHtml href="javascript:alert(1)">the link</linkHtml>', "the link"),
        ('before<iframe src="https://evil.example/">inside</iframe> after', "before after"),
        ("a<script>alert(1)</script>b", "ab"),
        ('<renderMultiMedia referencedObject="https://evil.example/x.png"/>', "[picture]"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
        ('<x:b xmlns:x="http://www.w3.org/1999/xhtml" style="x">bold</x:b>', "bold"),
    ],
)
def test_no_attribute_link_or_script_survives(markup: str, text: str) -> None:
    assert shown(markup) == text
    assert "evil" not in shown(markup)


def test_sections_come_in_document_order_with_those_inside_them() -> None:
    inner = a_section("LABS", "<paragraph>K 4.0</paragraph>")
    content = a_document(
        a_section("RESULTS", "<paragraph>Below.</paragraph>", nested=inner), a_section("PLAN", "Rest.")
    )
    document = read(content).bundle.documents[0]
    assert document.text == "RESULTS\nBelow.\n\nLABS\nK 4.0\n\nPLAN\nRest."
    assert [(one.title, document.text[one.start : one.end]) for one in document.sections] == [
        ("RESULTS", "Below."),
        ("LABS", "K 4.0"),
        ("PLAN", "Rest."),
    ]


def test_every_sign_of_the_author_is_kept() -> None:
    assert shown("שלום \u202eevil\u202c 👩\u200d⚕️") == "שלום \u202eevil\u202c 👩\u200d⚕️"


def test_a_style_sheet_is_never_looked_at() -> None:
    prolog = '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="https://evil.example/CDA.xsl"?>'
    assert text_of(a_document(prolog=prolog)) == "HISTORY\nFeels weak."

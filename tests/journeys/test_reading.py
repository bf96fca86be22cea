"""A chart read by keyboard alone, and pages that axe finds nothing in."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Hospital
from tests.journeys.people import Staff


@pytest.fixture
def coder(hospital: Hospital, browser: Browser) -> Iterator[Staff]:
    person = Staff(browser, hospital.url, "reading", "Denise Okafor")
    yield person
    person.leave()


def tab_to(page: Page, selector: str, most: int = 120) -> None:
    """Press Tab until something that fits has the focus, and see that the focus shows."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("one => document.activeElement.matches(one)", selector):
            style = page.evaluate(
                "(({outlineStyle, boxShadow}) => outlineStyle + boxShadow)(getComputedStyle(document.activeElement))"
            )
            assert style != "nonenone", selector
            return
    raise AssertionError(f"Tab never comes to {selector}")


def a_chart(hospital: Hospital) -> tuple[str, str]:
    """Return the address of a demo stay whose notes speak of heart failure, and a document of it."""
    with sqlite3.connect(hospital.database) as connection:
        row = connection.execute(
            "SELECT e.ref, d.ref FROM encounter e JOIN document d ON d.encounter_id = e.id "
            "WHERE d.text LIKE '%heart failure%' AND d.status = 'final' AND d.sections <> '[]' "
            "AND e.encounter_class = 'inpatient' AND e.number NOT LIKE '%POP%' "
            "AND (SELECT count(*) FROM fact f WHERE f.encounter_id = e.id AND f.kind = 'lab') > 10 ORDER BY e.id, d.id"
        ).fetchone()
    return f"{hospital.url}/encounters/{row[0]}", row[1]


def test_a_chart_is_read_and_its_evidence_attached_by_keyboard_alone(hospital: Hospital, coder: Staff) -> None:
    page, keys = coder.page, coder.page.keyboard
    page.goto(a_chart(hospital)[0])
    expect(page.locator("#suggestions")).to_have_attribute("data-loaded", "yes")

    keys.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next section of the open document")
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()

    keys.press("/")
    keys.type("heart failure")  # letters that are keys do nothing in a field
    expect(page.locator("#find")).to_have_value("heart failure")
    keys.press("Enter")
    expect(page.locator("#hits")).to_contain_text("for “heart failure”")
    tab_to(page, "#hits a[data-open]")
    keys.press("Enter")
    expect(page.locator("mark#hit")).to_be_focused()
    expect(page.locator("mark#hit")).to_have_text(re.compile("heart failure|CHF|HF", re.IGNORECASE))

    title = page.locator("#document h3")
    before = title.get_attribute("id")
    keys.press("j")
    keys.press("o")
    expect(title).not_to_have_id(before or "")
    expect(title).to_be_focused()
    expect(page.locator(".reader-list a[aria-current]")).to_have_count(1)
    unread = page.locator(".reader-list a.unread").count()
    keys.press("u")
    expect(page.locator(".reader-list a.unread")).to_have_count(unread - 1)

    for place, name in (("r", "results"), ("m", "medications"), ("t", "timeline"), ("d", "documents")):
        keys.press("g")
        keys.press(place)
        expect(page.locator(f"#{name}")).to_be_focused()
    coder.picture("01-chart")

    keys.press("g")
    keys.press("c")
    tab_to(page, "#queries > form button")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Compose a query")).to_be_visible()
    page.wait_for_load_state()  # a heading is seen before the scripts behind it have run
    keys.press("j")
    keys.press("Enter")
    expect(title).to_be_focused()
    section = page.locator("#document .section-start").first
    keys.press("]")
    expect(section).to_be_focused()
    page.locator("#document h3").focus()
    tab_to(page, "#document button[name=passage]")
    keys.press("Enter")
    expect(page.locator(".indicator")).to_have_count(1)
    keys.press("g")
    keys.press("c")
    expect(page.locator("#indicators")).to_be_focused()
    coder.picture("02-composer")


def addresses(hospital: Hospital, coder: Staff) -> dict[str, str]:
    """Return the pages to look at; the document has an earlier version."""
    chart, document = a_chart(hospital)
    with sqlite3.connect(hospital.database, timeout=20) as connection:
        fact = connection.execute(
            "SELECT f.ref FROM fact f JOIN encounter e ON e.id = f.encounter_id WHERE e.ref = ? AND f.kind = 'lab' "
            "AND f.value_number IS NOT NULL",
            (chart.rpartition("/")[2],),
        ).fetchone()[0]
        connection.execute(
            "INSERT INTO document_version (document_id, content_hash, title, status, authored_at, text, changed_at) "
            "SELECT id, '', title, status, authored_at, replace(text, 'heart failure', 'pneumonia'), authored_at "
            "FROM document WHERE ref = ?",
            (document,),
        )
    coder.page.goto(chart)
    coder.page.get_by_role("button", name="Start a blank query").click()
    expect(coder.page.get_by_role("heading", name="Compose a query")).to_be_visible()
    return {
        "chart": f"{chart}?find=heart+failure",
        "composer": coder.page.url,
        "trend": f"{hospital.url}/facts/{fact}/trend",
        "changes": f"{hospital.url}/documents/{document}/changes",
    }


def test_axe_finds_nothing_on_the_pages_of_a_chart(hospital: Hospital, coder: Staff) -> None:
    page, axe = coder.page, Axe()
    found = []
    pages = addresses(hospital, coder)
    for width, scheme in ((1280, "light"), (390, "light"), (1280, "dark"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for name, address in pages.items():
            page.goto(address)
            page.wait_for_load_state("networkidle")
            for violation in axe.run(page).response["violations"]:
                found.append(
                    (name, width, scheme, violation["id"], [one["html"][:150] for one in violation["nodes"]][:3])
                )
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append((name, width, scheme, "sticks out sideways", []))
            coder.picture(f"{name}-{width}-{scheme}")
    assert not found, found

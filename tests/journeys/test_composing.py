"""From what a chart suggests to a sent query, by keyboard alone, in twelve steps at most."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Hospital
from tests.journeys.people import Staff
from tests.journeys.test_coding import nothing_for_axe

STAY = """\
mrn,family_name,given_names,birth_on,sex,encounter,class,admitted_at,discharged_at,attending_npi,attending_name,payer
JN-0003,Querywell,Ines,1948-09-21,female,JN-3,inpatient,2026-06-01 09:00,2026-06-05 15:00,1234567893,Rosa Medina,Medicare
"""
INDEX = """\
file,mrn,encounter,authored_at,kind,title,author_name,author_role
progress.txt,JN-0003,JN-3,2026-06-02 11:00,progress_note,Progress note,Rosa Medina,attending
"""
NOTE = """\
ASSESSMENT:
Weight down 3 kg since yesterday.
Heart failure, improving on furosemide 40 mg IV twice daily.
Orthopnea is better. Echocardiogram shows an ejection fraction of 30%.
"""


class Hand:
    """A coder's hand on the keyboard. steps: what it did; words typed into one field are one step."""

    def __init__(self, coder: Staff) -> None:
        self.keyboard, self.steps = coder.page.keyboard, list[str]()

    def press(self, key: str) -> None:
        """Press a key."""
        self.steps.append(key)
        self.keyboard.press(key)

    def write(self, words: str) -> None:
        """Type into the field that has the focus."""
        self.steps.append(words)
        self.keyboard.type(words)


@pytest.fixture(scope="module")
def stay(hospital: Hospital, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The account number of a stay that leaves the type of a heart failure open."""
    folder = tmp_path_factory.mktemp("stay")
    (folder / "stays.csv").write_text(STAY)
    notes = folder / "notes"
    notes.mkdir()
    (notes / "index.csv").write_text(INDEX)
    (notes / "progress.txt").write_text(NOTE)
    imported = hospital.flask("charts", "import", str(folder / "stays.csv"), str(notes))
    assert imported.returncode == 0, imported.stdout
    return "JN-3"


@pytest.fixture
def coder(hospital: Hospital, browser: Browser, stay: str) -> Iterator[Staff]:
    """A coder before the chart."""
    person = Staff(browser, hospital.url, "composing", "Denise Okafor", reduced_motion="reduce")
    person.open_chart(stay)
    yield person
    person.leave()


def test_a_suggestion_becomes_a_sent_query_in_twelve_steps_by_keyboard_alone(coder: Staff) -> None:
    page, hand = coder.page, Hand(coder)
    expect(page.locator("#suggestions")).to_contain_text("heart failure documented")
    hand.press("q")
    expect(page.get_by_role("button", name="Compose: Heart failure")).to_be_focused()
    coder.picture("01-suggestions")
    hand.press("Enter")
    indicators = page.locator(".indicator")
    expect(page.locator("#state")).to_contain_text("The compliance check finds nothing")
    picked = indicators.count()

    hand.press(".")
    hand.press("s")
    expect(indicators).to_have_count(picked + 1)
    expect(indicators.last).to_contain_text("Weight down 3 kg since yesterday.")
    expect(indicators.last).to_contain_text("Progress note, Rosa Medina (attending) · Jun 02, 2026 11:00")
    hand.press("i")
    first = indicators.first.locator("bdi").inner_text()
    hand.press("Alt+ArrowDown")
    expect(indicators.nth(1).locator("bdi")).to_have_text(first)
    expect(indicators.nth(1)).to_be_focused()

    hand.press("e")
    hand.write("This raises the DRG weight. ")
    finding = page.locator("#found-question .finding")
    expect(finding.locator("mark").first).to_have_text("DRG")
    expect(page.locator("#state")).to_contain_text("1 error in question")
    seen_by_provider = page.frame_locator("#preview-frame").locator("main")
    expect(seen_by_provider).to_contain_text("Weight down 3 kg since yesterday.")
    expect(seen_by_provider).to_contain_text("Review and sign")
    coder.picture("02-finding")
    nothing_for_axe(page)
    page.set_viewport_size({"width": 320, "height": 800})
    page.emulate_media(color_scheme="dark")
    nothing_for_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    coder.picture("03-finding-320-dark")
    hand.press("Escape")
    hand.press("f")
    expect(finding.get_by_role("button", name="Leave this sentence out")).to_be_focused()
    hand.press("Enter")
    expect(finding).to_have_count(0)
    expect(page.locator("#question")).not_to_have_value("DRG")
    hand.press("Control+Enter")
    expect(page.get_by_text("Sent. The provider is told by mail.")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("DRG")
    coder.picture("04-sent")
    assert len(hand.steps) <= 12, hand.steps


def test_two_windows_keep_both_texts_and_the_draft_says_when_it_is_saved(
    hospital: Hospital, browser: Browser, coder: Staff
) -> None:
    expect(coder.page.locator("#suggestions")).to_have_attribute("data-loaded", "yes")
    coder.page.get_by_role("button", name="Start a blank query").click()
    body = coder.page.get_by_label("What the record says")
    other = Staff(browser, hospital.url, "composing-other", "Priya Raghunathan")
    other.page.goto(coder.page.url)
    body.fill("Words of one.")
    expect(coder.page.locator("#saving")).to_be_hidden()
    other.page.get_by_label("What the record says").fill("Words of the other.")
    notice = other.page.locator("#notice")
    expect(notice).to_contain_text("Denise Okafor changed this draft")
    expect(notice).to_contain_text("Words of one.")
    expect(other.page.get_by_label("What the record says")).to_have_value("Words of the other.")
    other.page.get_by_role("button", name="Keep mine").click()
    expect(notice).to_be_empty()
    coder.page.reload()
    expect(body).to_have_value("Words of the other.")
    assert [one for one in other.faults if "409" not in one] == []  # the browser reports the refusal
    other.context.close()

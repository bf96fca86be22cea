"""An inpatient stay coded, mended, finished and handed off, by keyboard alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from hl7apy.parser import parse_message
from playwright.sync_api import Browser, Page, expect

from tests.coding.handoff.builders import Receiver, ack
from tests.journeys.conftest import Hospital
from tests.journeys.people import Staff
from tests.journeys.test_reading import tab_to

STAY = """\
mrn,family_name,given_names,birth_on,sex,encounter,class,admitted_at,discharged_at,attending_npi,attending_name,payer
JN-0001,Keysworth,Nora,1951-04-12,female,JN-1,inpatient,2026-06-01 09:00,2026-06-08 15:00,1234567893,Rosa Medina,Medicare
JN-0002,Dragworth,Otto,1949-02-03,male,JN-2,inpatient,2026-06-01 09:00,2026-06-04 15:00,1234567893,Rosa Medina,Medicare
"""
INDEX = """\
file,mrn,encounter,authored_at,kind,title,author_name,author_role
admission.txt,JN-0001,JN-1,2026-06-01 11:00,history_and_physical,History and physical,Rosa Medina,attending
discharge.txt,JN-0001,JN-1,2026-06-08 12:00,discharge_summary,Discharge summary,Rosa Medina,attending
"""
NOTE = """\
ASSESSMENT:
Severe sepsis due to Escherichia coli, from a urinary tract infection, present on admission, without septic shock.
Acute kidney injury. Acute hypoxic respiratory failure; intubated and mechanically ventilated on June 2.
Type 2 diabetes mellitus with diabetic chronic kidney disease, on long-term insulin.
Hypertensive chronic kidney disease, CKD stage 3b.
Cellulitis of the right lower leg.
Paroxysmal atrial fibrillation.
Former smoker.
"""
#: as the coder enters them: one is first that may not be, one is of childbirth, one leaves the side open
ENTERED = ("R65.20", "A41.51", "O85", "N39.0", "N17.9", "J96.01", "E11.22", "I12.9", "N18.32", "L03.119", "I48.0",
           "Z79.4")  # fmt: skip
CODED = ["A41.51", "R65.20", "N39.0", "N17.9", "J96.01", "E11.22", "I12.9", "N18.32", "L03.115", "I48.0", "Z79.4",
         "Z87.891"]  # fmt: skip


@pytest.fixture
def stay(hospital: Hospital, tmp_path: Path) -> str:
    """The account number of a discharged stay without a code."""
    (tmp_path / "stays.csv").write_text(STAY)
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "index.csv").write_text(INDEX)
    for name in ("admission.txt", "discharge.txt"):
        (notes / name).write_text(NOTE)
    for path in (tmp_path / "stays.csv", notes):
        imported = hospital.flask("charts", "import", str(path))
        assert imported.returncode == 0, imported.stdout
    return "JN-1"


@pytest.fixture
def coder(hospital: Hospital, browser: Browser) -> Iterator[Staff]:
    person = Staff(browser, hospital.url, "coding", "Denise Okafor")
    yield person
    person.leave()


class Desk:
    """A coder's hands on the keyboard."""

    def __init__(self, coder: Staff) -> None:
        self.page, self.keys = coder.page, coder.page.keyboard

    def codes(self) -> list[str]:
        """Return the diagnoses in their order."""
        return [str(row.get_attribute("data-code")) for row in self.page.locator("#diagnoses .code-row").all()]

    def leave_field(self) -> None:
        """Press Escape until no field has the focus: the first closes a list that is open."""
        for _ in range(4):
            if not self.page.evaluate("document.activeElement.matches('input, select, textarea')"):
                return
            self.keys.press("Escape")
        raise AssertionError("Escape does not leave the field")

    def assign(self, code: str) -> None:
        """Type a code into the box and assign it."""
        self.keys.type(code)
        self.keys.press("Enter")
        expect(self.page.locator(f"#coding .code-row[data-code='{code}']")).to_be_visible()
        expect(self.page.locator("#code")).to_have_value("")

    def to_finding(self, edit: str) -> None:
        """Press n until the finding of an edit has the focus, then Enter to where it is fixed."""
        self.leave_field()
        for _ in range(25):
            self.keys.press("n")
            if self.page.evaluate("document.activeElement.dataset.edit") == edit:
                self.keys.press("Enter")
                return
        raise AssertionError(f"no finding of {edit}: {self.page.locator('#findings').inner_text()}")

    def expect_focus_on(self, code: str) -> None:
        """See that the row of a code has the focus."""
        expect(self.page.locator(f".code-row[data-code='{code}']")).to_be_focused()

    def gone(self, edit: str) -> None:
        """See that no finding of an edit is left."""
        expect(self.page.locator(f"#findings [data-edit='{edit}']")).to_have_count(0)


def test_an_inpatient_stay_is_coded_mended_finished_and_handed_off_by_keyboard_alone(
    hospital: Hospital, coder: Staff, stay: str, billing: Receiver
) -> None:
    page, keys, desk = coder.page, coder.page.keyboard, Desk(coder)
    tab_to(page, "input[name=q]")
    keys.type(stay)
    keys.press("Enter")
    expect(page.get_by_role("row").filter(has_text="Keysworth")).to_be_visible()
    tab_to(page, "table a")
    keys.press("Enter")
    expect(page.locator("#coding.enhanced")).to_contain_text("Not started")

    keys.press("c")
    expect(page.locator("#code")).to_be_focused()
    for code in ENTERED:
        desk.assign(code)
    for key in ("Tab", "Tab", "Tab"):  # POA, Assign, evidence
        keys.press(key)
    expect(page.locator("#evidence")).to_be_focused()
    keys.type("Link no")
    desk.leave_field()
    keys.press("c")
    keys.type("history of nicotine dependence")
    expect(page.get_by_role("option").filter(has_text="Z87.891")).to_be_visible()
    while page.locator("[role=option][aria-selected=true]", has_text="Z87.891").count() == 0:
        keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("#code")).to_have_value("Z87.891")
    keys.press("Enter")
    expect(page.locator(".code-row[data-code='Z87.891']")).to_be_visible()
    desk.assign("0BH17EZ")
    expect(page.locator("#procedures input[type=date]")).to_be_focused()
    keys.type("06022026")
    keys.press("Tab")
    if page.locator("input[name=provider]:focus").count() == 0:  # the date field has parts
        tab_to(page, "input[name=provider]")
    keys.type("1234567893")
    keys.press("Enter")
    expect(page.locator("#procedures")).to_contain_text("Jun 02, 2026")
    coder.picture("02-entered")
    nothing_for_axe(page)

    tab_to_poa(desk)
    for code in desk.codes():
        keys.press("1" if code.startswith("Z") else "n" if code == "J96.01" else "y")
    for number, code in enumerate(desk.codes()):
        expected = "1" if code.startswith("Z") else "N" if code == "J96.01" else "Y"
        expect(page.locator("select[data-poa]").nth(number)).to_have_value(expected)
    expect(page.locator("#last-said")).to_contain_text("POA of Z87.891 was set to 1")

    desk.to_finding("mce-unacceptable-principal")
    desk.expect_focus_on("R65.20")
    keys.press("ArrowDown")
    keys.press("p")
    desk.gone("mce-unacceptable-principal")
    desk.expect_focus_on("A41.51")

    desk.to_finding("mce-age-conflict")
    desk.expect_focus_on("O85")
    keys.press("Delete")
    desk.gone("mce-age-conflict")

    desk.to_finding("mce-unspecified-code")
    desk.expect_focus_on("L03.119")
    keys.press("r")
    expect(page.locator("#replacing")).to_contain_text("Replaces L03.119")
    desk.assign("L03.115")
    desk.gone("mce-unspecified-code")

    desk.leave_field()
    tab_to(page, "#evidence", 400)
    keys.type("Discharge summary")
    desk.to_finding("no-documentation")
    keys.press("Enter")
    desk.gone("no-documentation")
    assert desk.codes() == CODED
    coder.picture("03-mended")

    desk.leave_field()
    keys.press("g")
    keys.press("s")
    expect(page.locator("#step-finalize")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#step-hand_off")).to_be_visible()
    expect(page.locator("#coding-bar")).to_contain_text("Final")
    coder.picture("04-final")

    billing.script[:] = [lambda message: ack(message, "AE", "Account is locked"), lambda message: None]
    keys.press("g")
    keys.press("s")
    expect(page.locator("#step-hand_off")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#coding-bar")).to_contain_text("On its way")
    for _ in range(40):
        if len(billing.messages) == 3:
            break
        hurry(hospital)
        page.wait_for_timeout(700)
    expect(page.locator("#coding-bar")).to_contain_text("Handed off")
    expect(page.locator("#coding-bar .handed")).to_contain_text("Accepted")
    expect(page.locator("#coding-bar .handed")).to_contain_text("answer AA")
    coder.picture("05-handed-off")

    assert len(set(billing.control_ids)) == 1
    assert len(billing.messages) == 3
    message = parse_message(billing.messages[-1].replace("\n", "\r"), find_groups=False)
    assert message.msh.msh_9.to_er7() == "BAR^P12^BAR_P12"
    assert [one.dg1_3.to_er7().partition("^")[0] for one in message.dg1][:12] == CODED
    with sqlite3.connect(hospital.database, timeout=20) as connection:
        states = connection.execute(
            "SELECT h.state FROM hand_off h JOIN encounter e ON e.id = h.encounter_id WHERE e.number = ?", (stay,)
        ).fetchall()
    assert states == [("accepted",)]


def test_rows_are_dragged_and_a_page_that_is_behind_keeps_what_was_typed(
    hospital: Hospital, browser: Browser, coder: Staff, stay: str
) -> None:
    coder.open_chart("JN-2")
    page, desk = coder.page, Desk(coder)
    expect(page.locator("#coding.enhanced")).to_be_visible()
    page.locator("#code").focus()
    for code in ("I10", "I50.9", "N17.9"):
        desk.assign(code)
    other = Staff(browser, hospital.url, "coding-other", "Priya Raghunathan")
    other.page.goto(page.url)
    expect(other.page.locator("#coding.enhanced")).to_be_visible()

    expect(page.locator("#grouping, .grouping").first).to_be_visible()  # what comes late moves no row any more
    grip, first = page.locator(".code-row[data-code='N17.9'] .grip"), page.locator(".code-row[data-code='I10']")
    grip.hover()
    page.mouse.down()
    place = first.bounding_box()
    assert place
    page.mouse.move(place["x"] + 12, place["y"] + 30, steps=4)
    page.mouse.move(place["x"] + 12, place["y"] + 2, steps=8)
    page.mouse.up()
    expect(page.locator("#last-said")).to_have_text("N17.9 was moved from 3 to 1")
    assert desk.codes() == ["N17.9", "I10", "I50.9"]

    other.page.locator("#code").fill("E11.9")
    other.page.keyboard.press("Enter")
    notice = other.page.locator("#notice")
    expect(notice).to_contain_text("N17.9 was moved from 3 to 1")
    assert Desk(other).codes() == ["N17.9", "I10", "I50.9"]
    notice.get_by_role("button", name="Do it now").click()
    expect(other.page.locator(".code-row[data-code='E11.9']")).to_be_visible()
    expect(other.page.locator("#code")).to_have_value("")
    assert [one for one in other.faults if "409" not in one] == []  # the browser reports the refusal
    other.context.close()


def test_axe_finds_nothing_on_the_coding_panel_with_everything_open(
    hospital: Hospital, coder: Staff, stay: str
) -> None:
    coder.open_chart(stay)
    page = coder.page
    for width, scheme in ((1440, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.reload()
        for part in page.locator("#coding details:not(.more)").all():
            part.evaluate("one => { one.open = true; }")
        expect(page.locator("#em-visit")).to_be_visible()
        expect(page.locator("#sets")).to_be_visible()
        page.wait_for_load_state("networkidle")
        nothing_for_axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        coder.picture(f"06-everything-{width}-{scheme}")


def nothing_for_axe(page: Page) -> None:
    """See that axe has nothing to say against the page."""
    found = Axe().run(page).response["violations"]
    assert not found, [(one["id"], [node["html"][:150] for node in one["nodes"]][:3]) for one in found]


def tab_to_poa(desk: Desk) -> None:
    """Go from the rows to the first POA field."""
    desk.leave_field()
    desk.keys.press("g")
    desk.keys.press("c")
    tab_to(desk.page, "select[data-poa]")
    first = desk.page.locator("select[data-poa]").first
    expect(first).to_be_focused()


def hurry(hospital: Hospital) -> None:
    """Let what waits in the outbox be due: the next attempt is minutes away otherwise."""
    with sqlite3.connect(hospital.database, timeout=20) as connection:
        connection.execute("UPDATE outbox_message SET next_attempt_at = created_at WHERE state = 'pending'")

"""The whole job in a browser: coder, mail, physician's phone, coder, manager."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Hospital
from tests.journeys.people import Manager, Provider, Staff

FORBIDDEN = re.compile(r"DRG|reimburse|payment|denial|severity of illness|\bCC\b|\bMCC\b", re.IGNORECASE)


def link_in(mail: str) -> str:
    found = re.search(r"https?://\S+/r/\w+", mail)
    assert found, mail
    return found[0]


def test_an_imported_inpatient_stay_from_the_gap_to_the_code(
    hospital: Hospital, browser: Browser, shared: Path
) -> None:
    files = sorted(str(path) for path in (shared / "data" / "charts-inpatient").glob("*.json.gz"))
    imported = hospital.flask("charts", "import", *files)
    assert imported.returncode == 0, imported.stdout

    manager = Manager(browser, hospital.url, "a", "Lorraine Castellanos")
    before = manager.response_rate()
    coder = Staff(browser, hospital.url, "a", "Denise Okafor")
    coder.picture("01-today")
    coder.open_chart("POP-001003")
    name = coder.page.locator("h1").inner_text()
    coder.assign("I50.9")
    coder.picture("02-chart")
    coder.compose("Heart failure")
    title = coder.page.get_by_label("Title").input_value()
    indicators = coder.page.locator("#indicators")
    expect(indicators).to_contain_text(re.compile("furosemide", re.IGNORECASE))
    coder.picture("03-composer")
    choice = coder.page.locator("#provider option").first.inner_text()
    provider_name = choice.split(" ·")[0]
    query_url = coder.page.url
    address = coder.address_of(provider_name)
    seen = coder.mail_waiting(address)
    coder.page.goto(query_url)
    query_url = coder.ask(choice)
    coder.picture("04-sent")
    _, mail = coder.read_mail_after(seen, address)
    coder.picture("05-mail")
    secrets = (name.split(",")[0].strip(), "POP-001003", "eart failure", "furosemide")
    assert not [word for word in (*secrets, title) if word in mail]

    phone = Provider(browser, hospital.url, "a")
    phone.open(link_in(mail), secrets)
    text = phone.page.locator("body").inner_text()
    assert "POP-001003" in text
    assert "furosemide" in text.lower()
    assert not FORBIDDEN.search(text)
    phone.look("08-question")
    options = phone.page.locator("label.option").all_inner_texts()
    assert "ther" in " ".join(options[-2:])
    chosen = next(one.strip() for one in options if re.search(r"[Aa]cute.*(systolic|diastolic|HF)", one))
    phone.sign(chosen)
    phone.look("10-receipt")
    phone.amend("Addendum", "Seen on the echo of today, too.", "The echo came later.")
    phone.leave()

    coder.page.goto(coder.url)
    expect(coder.page.locator("section[aria-labelledby='amended']")).to_contain_text(title)
    coder.page.goto(query_url)
    expect(coder.page.locator("main")).to_contain_text(chosen)
    coder.page.get_by_label("What follows for the codes").fill("Nothing more.")
    coder.page.get_by_role("button", name="Noted").click()
    expect(coder.page.locator("#amendments")).to_contain_text("Nothing more.")
    coder.picture("11-answer")
    coder.page.get_by_role("button", name="Accept the change").click()
    expect(coder.page.get_by_text("Reconciled.")).to_be_visible()
    coder.open_chart("POP-001003")
    row = coder.page.locator("#codes li", has_text=re.compile(r"I50\.[234]"))
    expect(row).to_be_visible()
    expect(coder.page.locator("#codes li", has_text="I50.9 ")).to_have_count(0)
    coder.picture("12-coded")
    row.get_by_role("link", name="why this code").click()
    for words in (chosen, title, "furosemide", provider_name):
        expect(coder.page.locator("main")).to_contain_text(re.compile(re.escape(words), re.IGNORECASE))
    coder.picture("13-trail")
    coder.leave()

    after = manager.response_rate()
    assert (after.numerator, after.denominator) == (before.numerator + 1, before.denominator + 1)
    manager.picture("14-figures")
    manager.leave()


def test_a_demo_stay_with_a_question_back_to_the_coder(hospital: Hospital, browser: Browser) -> None:
    manager = Manager(browser, hospital.url, "b", "Lorraine Castellanos", color_scheme="dark")
    before = manager.response_rate()
    coder = Staff(browser, hospital.url, "b", "Priya Raghunathan", color_scheme="dark")
    chart, title = a_chart_that_asks(coder)
    coder.picture("02-chart")
    coder.compose(title)
    coder.picture("03-composer")
    choice = coder.page.locator("#provider option:checked").inner_text()
    draft = coder.page.url
    address = coder.address_of(choice)
    seen = coder.mail_waiting(address)
    coder.page.goto(draft)
    query_url = coder.ask(choice)
    seen, mail = coder.read_mail_after(seen, address)
    mrn = re.search(r"MRN (\S+)", coder_banner(coder, chart))
    assert mrn
    secrets = (mrn[1], title)
    assert not [word for word in secrets if word in mail]

    phone = Provider(browser, hospital.url, "b", color_scheme="dark")
    phone.open(link_in(mail), secrets)
    phone.page.get_by_text("I need more information").click()
    phone.page.get_by_label("Your question to").fill("Which day do you mean?")
    phone.look("06-ask")
    phone.page.get_by_role("button", name="Send the question").click()
    expect(phone.page.get_by_role("heading", name="Your question was sent")).to_be_visible()

    coder.page.goto(query_url)
    expect(coder.page.locator("main")).to_contain_text("Which day do you mean?")
    coder.page.get_by_label("Reply; the provider gets a new link").fill("The whole stay, day 1 to discharge.")
    coder.page.get_by_role("button", name="Send the reply").click()
    _, mail = coder.read_mail_after(seen, address)
    phone.open(link_in(mail), secrets)
    expect(phone.page.locator("main")).to_contain_text("The whole stay, day 1 to discharge.")
    phone.look("08-question")
    undetermined = phone.page.locator("label.option").all_inner_texts()[-1].strip()
    phone.sign(undetermined)
    phone.look("10-receipt")
    phone.leave()

    coder.page.goto(query_url)
    expect(coder.page.locator("main")).to_contain_text("This answer changes no code by itself")
    coder.picture("11-answer")
    coder.page.get_by_label("Reason (needed unless accepted as proposed)").fill("The provider could not tell")
    coder.page.get_by_role("button", name="No code change").click()
    expect(coder.page.get_by_text("Reconciled.")).to_be_visible()
    coder.leave()

    after = manager.response_rate()
    assert (after.numerator, after.denominator) == (before.numerator + 1, before.denominator + 1)
    manager.picture("14-figures")
    manager.leave()


def a_chart_that_asks(coder: Staff) -> tuple[str, str]:
    """Open charts from the top of Today until one suggests a query; return its address and the title."""
    coder.page.goto(coder.url)
    links = coder.page.get_by_role("row").filter(has_text="inpatient").get_by_role("link")
    for address in [link.get_attribute("href") for link in links.all()]:
        coder.page.goto(f"{coder.url}{address}")
        expect(coder.page.locator("#suggestions")).to_have_attribute("data-loaded", "yes")
        cards = coder.page.locator("#queries form.card strong")
        if "POP-" not in coder.page.locator("main").inner_text() and cards.count():
            return coder.page.url, cards.first.inner_text()
    raise AssertionError("no demo chart suggests a query")


def coder_banner(coder: Staff, chart: str) -> str:
    coder.page.goto(chart)
    return coder.page.locator("main").inner_text()


def test_the_audit_chain_holds_and_one_changed_byte_is_named(hospital: Hospital, tmp_path: Path) -> None:
    held = hospital.flask("audit", "verify")
    assert held.returncode == 0, held.stdout
    copy = tmp_path / "copy.sqlite"
    with sqlite3.connect(hospital.database) as source, sqlite3.connect(copy) as target:
        source.backup(target)
        (row,) = target.execute("SELECT max(seq) - 3 FROM audit_event").fetchone()
        target.execute("UPDATE audit_event SET actor = 'X' || substr(actor, 2) WHERE seq = ?", (row,))
    broken = hospital.flask("audit", "verify", database=copy)
    assert broken.returncode != 0
    assert f"row {row}" in broken.stderr

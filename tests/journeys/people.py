"""What each person does in the browser, and what they must see while doing it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import services

PIN = "246810"
PICTURES = services.ROOT / "instance" / "screenshots"


class Person:
    """Somebody with a browser window of their own; every fault that the browser reports fails the journey."""

    def __init__(self, browser: Browser, url: str, journey: str, **context: Any) -> None:
        self.url, self.journey = url, journey
        self.context: BrowserContext = browser.new_context(**context)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.faults.append(text)

    def picture(self, name: str) -> None:
        """Keep what is on the screen as instance/screenshots/JOURNEY-NAME.png."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{self.journey}-{name}.png", full_page=True)

    def leave(self) -> None:
        """Close the window."""
        assert not self.faults, self.faults
        self.context.close()


class Staff(Person):
    """A coder or manager at a desk."""

    def __init__(self, browser: Browser, url: str, journey: str, name: str, **context: Any) -> None:
        super().__init__(browser, url, journey, viewport={"width": 1440, "height": 900}, **context)
        self.page.goto(url)
        self.page.get_by_role("button", name=name).click()
        expect(self.page.get_by_role("navigation", name="Main")).to_contain_text(name)

    def open_chart(self, words: str) -> None:
        """Find an inpatient chart by name, MRN or account, and open it."""
        self.page.goto(self.url)
        self.page.get_by_placeholder("Family name, MRN or account").fill(words)
        self.page.get_by_role("button", name="Find").click()
        self.page.get_by_role("row").filter(has_text="inpatient").first.get_by_role("link").click()

    def assign(self, code: str) -> None:
        """Assign a code on the open chart, unless it stands there."""
        if self.page.locator("#codes li", has_text=code).count() == 0:
            self.page.locator("#code").fill(code)
            self.page.get_by_role("button", name="Assign").click()
        expect(self.page.locator("#codes li", has_text=code)).to_be_visible()

    def compose(self, title: str) -> None:
        """Start the query that the chart suggests under this title."""
        self.page.locator("#queries form.card", has_text=title).get_by_role("button", name="Compose").click()
        expect(self.page.get_by_role("heading", name="Compose a query")).to_be_visible()

    def ask(self, provider: str) -> str:
        """Choose the provider, see that the check is content, send; return the query's address."""
        page = self.page
        page.get_by_label("To", exact=True).select_option(label=provider)
        page.keyboard.press("Control+s")
        expect(page.locator("#saving")).to_be_hidden()
        assert page.locator(".finding-error").count() == 0, page.locator("#draft").inner_text()
        for wanted in ("Why the warnings may stand", "Why ask all the same"):
            if page.get_by_label(wanted).is_visible():
                page.get_by_label(wanted).fill("No other diagnosis is reasonable here")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("Sent. The provider is told by mail.")).to_be_visible()
        return page.url

    def mail_waiting(self, to: str) -> str:
        """Return the address of the newest mail to somebody, "" where there is none."""
        self.page.goto(f"{self.url}/mailbox")
        links = self.page.get_by_role("row").filter(has_text=to).get_by_role("link")
        return (links.first.get_attribute("href") or "") if links.count() else ""

    def read_mail_after(self, seen: str, to: str) -> tuple[str, str]:
        """Wait for a mail to somebody that is newer than `seen`; return its address and its text."""
        for _ in range(80):
            newest = self.mail_waiting(to)
            if newest != seen:
                self.page.goto(f"{self.url}{newest}")
                return newest, self.page.locator("main").inner_text()
            self.page.wait_for_timeout(250)
        raise AssertionError(f"no mail to {to} arrived")

    def address_of(self, provider: str) -> str:
        """Return the email address that the directory has for a provider."""
        self.page.goto(f"{self.url}/providers")
        row = self.page.get_by_role("row").filter(has_text=provider.split(",")[0])
        found = re.search(r"[\w.+-]+@[\w.-]+\w", row.first.inner_text())
        assert found, row.first.inner_text()
        return found[0]


@dataclass(frozen=True)
class Rate:
    """The response rate as the manager reads it."""

    numerator: int
    denominator: int


class Manager(Staff):
    """The CDI manager."""

    def response_rate(self) -> Rate:
        """Read the response rate on the figures page."""
        self.page.goto(f"{self.url}/insight")
        box = self.page.locator("section[aria-labelledby='metric-response_rate']")
        numbers = re.search(r"(\d+) of (\d+)", box.inner_text())
        assert numbers, box.inner_text()
        return Rate(int(numbers[1]), int(numbers[2]))


class Provider(Person):
    """A physician with a phone 390 px wide that runs no JavaScript."""

    def __init__(self, browser: Browser, url: str, journey: str, **context: Any) -> None:
        phone = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False, "has_touch": True}
        super().__init__(browser, url, journey, **phone, **context)

    def look(self, name: str) -> None:
        """Keep a picture; nothing may stick out sideways."""
        self.picture(name)
        # JavaScript is off in the page; the width of the picture tells how wide the page really is.
        main = self.page.locator("main").bounding_box()
        assert main is not None
        for box in [one.bounding_box() for one in self.page.locator("main *").all()]:
            assert box is None or box["x"] + box["width"] <= 390.5, (name, box)

    def open(self, link: str, phi: tuple[str, ...]) -> None:
        """Open the link, prove who this is, and see nothing of the patient before that."""
        self.page.goto(link)
        for step in ("Continue", "Show the query"):
            text = self.page.locator("body").inner_text()
            assert not [word for word in phi if word in text]
            if step != "Continue":
                self.page.get_by_label("PIN").fill(PIN)
            self.page.get_by_role("button", name=step).click()
        assert link.rsplit("/", 1)[1] not in self.page.url
        assert self.page.locator("input:checked").count() == 0

    def sign(self, option: str) -> None:
        """Choose an answer, review it and sign."""
        self.page.get_by_label(option, exact=True).check()
        self.page.get_by_role("button", name="Review and sign").click()
        expect(self.page.locator(".answer")).to_have_text(option)
        self.look("09-review")
        self.page.get_by_role("button", name="Sign").click()
        expect(self.page.get_by_role("heading", name="Thank you, your answer is signed")).to_be_visible()
        expect(self.page.locator(".answer")).to_have_text(option)

    def amend(self, kind: str, text: str, reason: str) -> None:
        """Add to the answer that was just signed; each signature takes a PIN of its own."""
        self.page.get_by_role("button", name="Add to this answer or correct it").click()
        self.page.get_by_label(kind).check()
        self.page.get_by_label("What is to be added").fill(text)
        self.page.get_by_label("Why you add it now").fill(reason)
        self.look("10-amend")
        self.page.get_by_role("button", name="Review and sign").click()
        self.page.get_by_label("PIN").fill(PIN)
        self.page.get_by_role("button", name="Sign").click()
        expect(self.page.get_by_role("heading", name=f"Your {kind.lower()} is signed")).to_be_visible()
        self.look("10-amended")

"""A coder finds, opens and keeps a code in a browser, by keyboard alone; and does the same without JavaScript."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from query_mgr.codes.loader import load_rows
from query_mgr.codes.uses import marks_of
from query_mgr.platform.db import db
from tests import services
from tests.accounts.builders import a_user
from tests.bench.house import cookie_of
from tests.codes.builders import ROWS
from tests.codes.test_code_pages import INJURIES
from tests.journeys.conftest import FLAGS

pytestmark = pytest.mark.sqlite_only


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def coder(app: Flask, request: pytest.FixtureRequest) -> Iterator[tuple[Page, int]]:
    """A signed-in coder's browser, and who it is."""
    path = services.chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no chromium, and CI leaves nothing out")
        pytest.skip("no chromium: apt-get install chromium")
    expect.set_options(timeout=20_000)  # a machine that runs other tests beside this one
    load_rows([*ROWS, *INJURIES], "test")
    user = a_user("coder")
    db.session.remove()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        context: BrowserContext = browser.new_context(
            base_url=f"http://127.0.0.1:{server.server_port}", java_script_enabled=request.param
        )
        value = cookie_of(app, user.fs_uniquifier).partition("=")[2]
        context.add_cookies([{"name": "session", "value": value, "url": f"http://127.0.0.1:{server.server_port}"}])
        yield context.new_page(), user.id
        browser.close()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("coder", [True], indirect=True)
def test_a_code_is_found_opened_and_kept_by_keyboard_alone(coder: tuple[Page, int]) -> None:
    page, user = coder
    page.goto("/codes")
    page.keyboard.type("acute systolic")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("I50.21")
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("combobox").first).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("I50.21")
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Favourite: I50.21")).to_have_attribute("aria-pressed", "true")
    assert marks_of(user) == {("icd10cm", "I50.21"): "favourite"}
    page.keyboard.press("/")
    page.keyboard.type("bitten")
    page.keyboard.press("Enter")
    expect(page.locator(".code-link").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("f")
    second = page.locator("[data-rows] li").nth(1)
    expect(second.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("W54.0")


@pytest.mark.parametrize("coder", [False], indirect=True)
def test_without_javascript_the_form_searches_and_the_star_keeps(coder: tuple[Page, int]) -> None:
    page, user = coder
    page.goto("/codes")
    page.get_by_label("Find a code").fill("ankle sprain left")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Favourite: S93.402A").click()
    expect(page.get_by_role("button", name="Favourite: S93.402A")).to_have_attribute("aria-pressed", "true")
    assert marks_of(user) == {("icd10cm", "S93.402A"): "favourite"}
    page.get_by_role("link", name="S93.402A").click()
    page.get_by_role("link", name="right S93.401A").click()
    page.get_by_role("link", name="Sequela").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("S93.401S")

"""The citizen's code without network: from the first visit on, until the person signs out."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.browser.conftest import address, become
from tests.support.browser import losing_page
from tests.support.system import System

SIX_DIGITS = re.compile(r"^\d{3} \d{3}$")
# wait_for_function takes a promise for a yes, so the waiting is done in the page.
WAIT = """async (kept) => {
    const found = async () => Boolean(await caches.match("/me/code")) === kept;
    for (let turn = 0; turn < 300 && !(await found()); turn++)
        await new Promise((done) => { setTimeout(done, 100); });
    return found();
}"""


def _open_code(tab: Page, city: System) -> None:
    tab.goto(f"{address(city)}/me/code")
    expect(tab.locator("#time-code")).to_have_text(SIX_DIGITS)


def test_code_shows_without_network_until_sign_out(chromium: Browser, city: System) -> None:
    with losing_page(chromium, locale="en-GB") as tab:
        become(tab, city, "citizen")
        _open_code(tab, city)
        assert tab.evaluate(WAIT, True), "the first visit has not kept the page"

        tab.context.set_offline(True)
        _open_code(tab, city)
        expect(tab.get_by_text("You have")).to_contain_text("As of")
        with pytest.raises(Error, match="ERR_"):
            tab.goto(f"{address(city)}/me")  # nothing else that is personal is kept

        tab.context.set_offline(False)
        tab.goto(f"{address(city)}/me")
        tab.get_by_role("button", name="Sign out").click()
        assert tab.evaluate(WAIT, False), "signing out has not forgotten the page"
        tab.context.set_offline(True)
        with pytest.raises(Error, match="ERR_"):
            tab.goto(f"{address(city)}/me/code")


def test_what_was_kept_is_forgotten_once_the_session_ended_elsewhere(
    chromium: Browser, city: System
) -> None:
    with losing_page(chromium, locale="en-GB") as tab:
        become(tab, city, "citizen")
        _open_code(tab, city)
        assert tab.evaluate(WAIT, True), "the first visit has not kept the page"
        tab.context.clear_cookies()
        tab.goto(f"{address(city)}/me/code")
        expect(tab).to_have_url(re.compile("/sign-in"))
        assert tab.evaluate(WAIT, False), "the page of a session that ended is still there"


def test_the_pages_can_be_installed(chromium: Browser, city: System) -> None:
    """What Chromium asks of an application: a manifest without errors and an icon that loads."""
    with losing_page(chromium, locale="en-GB") as tab:
        tab.goto(f"{address(city)}/")
        told = tab.context.new_cdp_session(tab).send("Page.getAppManifest")
        assert told["url"] == f"{address(city)}/static/civis.webmanifest"
        assert told["errors"] == []
        named = json.loads(told["data"])
        assert named["start_url"] == "/me"
        for icon in named["icons"]:
            assert tab.request.get(f"{address(city)}/static/{icon['src']}").ok

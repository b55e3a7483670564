"""The first page's tour, walked with mouse and keyboard until the audit catches the visitor."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import address
from tests.support.system import System


def _be(tab: Page, city: System, who: str) -> None:
    tab.goto(f"{address(city)}/")
    tab.get_by_role("button", name=f"Be the {who}").click()


def test_visitor_walks_from_a_deed_to_a_caught_lie(visitor: Page, city: System) -> None:
    _be(visitor, city, "officer")
    _has_done(visitor, city, 0)
    _show_code(visitor, city)
    _certify(visitor, city)
    code = _ask_for_bread(visitor, city)
    _pay(visitor, city, code)
    _see_figures(visitor, city)
    _cheat(visitor, city)
    _has_done(visitor, city, 5)


def _has_done(tab: Page, city: System, steps: int) -> None:
    tab.goto(f"{address(city)}/")
    expect(tab.locator(".steps > li")).to_have_count(5)
    expect(tab.locator(".steps .chip.good")).to_have_count(steps)


def _show_code(tab: Page, city: System) -> None:
    _be(tab, city, "citizen")
    tab.get_by_role("link", name="Show my code").click()
    expect(tab.locator("#time-code")).to_have_text(re.compile(r"^\d{3} \d{3}$"))


def _certify(tab: Page, city: System) -> None:
    """The key is made in this browser, certified, and signs the statement there."""
    _be(tab, city, "clerk")
    expect(tab.locator("#attest")).to_have_attribute("data-key-state", "certified")
    before = tab.locator("tbody tr").count()
    tab.get_by_role("button", name="Type both numbers for me").click()
    tab.locator(".choice").first.click()
    tab.get_by_role("textbox", name="Quantity").fill("2")
    tab.get_by_role("button", name="Confirm and sign").dblclick()
    expect(tab.get_by_text("Noted. The citizen is credited after the delay.")).to_be_visible()
    expect(tab.get_by_role("button", name="Undo (until")).to_be_visible()
    expect(tab.locator("tbody tr")).to_have_count(before + 1)
    tab.get_by_role("link", name="Same person, another deed").click()
    expect(tab.get_by_role("textbox", name="Quantity")).to_be_visible()
    expect(tab.locator(".choice input:checked")).to_have_count(0)


def _ask_for_bread(tab: Page, city: System) -> str:
    _be(tab, city, "baker")
    tab.get_by_label("Amount in euros").fill("1,20")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("img", name="QR code")).to_be_visible()
    return tab.locator(".code-display").inner_text()


def _pay(tab: Page, city: System, code: str) -> None:
    _be(tab, city, "citizen")
    tab.get_by_role("link", name="Pay in a shop").click()
    tab.get_by_label("Short code").fill(code)
    tab.keyboard.press("Enter")
    tab.get_by_role("button", name="Pay €1.20").click()
    expect(tab.locator(".screen-result.good")).to_be_visible()
    expect(tab.locator(".screen-result")).to_contain_text("€1.20")


def _see_figures(tab: Page, city: System) -> None:
    _be(tab, city, "officer")
    expect(tab.get_by_role("heading", name="This month in sentences")).to_be_visible()
    said = re.search(r"this month had (\d+) of .*; now (\d+)\.", _own_deed(tab))
    assert said, _own_deed(tab)
    assert int(said[2]) > int(said[1])


def _own_deed(tab: Page) -> str:
    return tab.locator("#own-deed").inner_text()


def _cheat(tab: Page, city: System) -> None:
    """Clean, altered and caught with both values and the block, put back, clean again."""
    tab.goto(f"{address(city)}/verify")
    _audited(tab, "Everything agrees")
    tab.get_by_role("button", name="Alter a figure").click()
    expect(tab.get_by_text("A published figure has been altered")).to_be_visible()
    _audited(tab, "Something does not agree")
    found = tab.locator(".problem").inner_text()
    assert "the chain says" in found
    assert "proves it" in found
    tab.get_by_role("button", name="Put the true figure back").click()
    expect(tab.get_by_role("button", name="Alter a figure")).to_be_visible()
    _audited(tab, "Everything agrees")


def _audited(tab: Page, verdict: str) -> None:
    tab.get_by_role("button", name="Run the audit now").click()
    expect(tab.locator("[role=status] h3")).to_have_text(verdict, timeout=30_000)

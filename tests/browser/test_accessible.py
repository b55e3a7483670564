"""Every page in both languages and widths: axe finds nothing, nothing scrolls sideways."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import address, become
from tests.support.system import System

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PAGES = {
    None: ("/", "/figures", "/figures?indicator=12.5.1", "/verify", "/help", "/accessibility",
           "/your-data", "/sign-in", "/mail", "/api/docs"),
    "citizen": ("/me", "/me/code", "/me/declaration", "/me/partners", "/pay"),
    "clerk": ("/attest", "/attest/keys", "/attest/devices"),
    "baker": ("/till", "/till/pay-outs"),
    "officer": ("/office", "/office/decisions", "/office/programmes", "/office/programmes/new",
                "/office/refusals", "/office/waiting", "/office/deeds", "/office/shops",
                "/office/organisations", "/office/devices"),
    "treasurer-1": ("/treasury",),
    "bike-share": ("/imports",),
}  # fmt: skip

# Pages of one shop and one programme, by the first link to such a page.
FOLLOWED = {"/office/shops": "table a", "/office/programmes": "a[href$='/rules']"}


def _check(tab: Page, city: System, who: str | None) -> None:
    if who is not None:
        become(tab, city, who)
    for path in PAGES[who]:
        tab.goto(address(city) + path)
        _check_page(tab, path)
        if path in FOLLOWED:
            tab.locator(FOLLOWED[path]).first.click()
            _check_page(tab, f"behind {path}")


def _check_page(tab: Page, path: str) -> None:
    tab.wait_for_load_state("networkidle")
    found = Axe().run(tab, options=RULES)
    assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not tab.evaluate(sideways), f"{path} scrolls sideways"
    assert tab.title().endswith("· Civis"), path


@pytest.mark.parametrize("who", PAGES)
def test_pages_at_a_desk(visitor: Page, city: System, who: str | None) -> None:
    _check(visitor, city, who)


@pytest.mark.parametrize("who", PAGES)
def test_pages_on_a_telephone(telephone: Page, city: System, who: str | None) -> None:
    _check(telephone, city, who)

"""Every page in both languages and widths: axe finds nothing, nothing scrolls sideways.

On a telephone each page is looked at three times: as it is, as narrow as WCAG asks for (320
pixels), and with letters of twice the size.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from tests.browser.conftest import address, become
from tests.support.system import System

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PAGES = {
    None: ("/", "/figures", "/figures?indicator=12.5.1", "/verify", "/help", "/accessibility",
           "/your-data", "/sign-in", "/mail", "/api/docs"),
    "citizen": ("/me", "/me/code", "/me/data", "/me/declaration", "/me/partners", "/pay"),
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


# What reaches beyond the right edge, if anything does; a box that scrolls by itself may.
WIDER = """() => {
    const page = document.documentElement, wide = page.clientWidth;
    if (page.scrollWidth <= wide) return [];
    const boxed = (one) => one && one !== document.body
        && (getComputedStyle(one).overflowX !== "visible" || boxed(one.parentElement));
    const over = [...document.body.querySelectorAll("*")].filter(
        (one) => one.getBoundingClientRect().right > wide + 0.5 && !boxed(one.parentElement));
    return over.length ? over.slice(-3).map((one) => one.outerHTML.slice(0, 200)) : ["unseen"];
}"""
NARROW, USUAL = ViewportSize(width=320, height=740), ViewportSize(width=360, height=740)


def _check_narrow(tab: Page, path: str) -> None:
    """On the page that is open anyway, with all that is folded."""
    tab.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    tab.set_viewport_size(NARROW)
    assert tab.evaluate(WIDER) == [], f"{path} at 320 pixels"
    tab.set_viewport_size(USUAL)
    tab.evaluate("document.documentElement.style.fontSize = '200%'")
    assert tab.evaluate(WIDER) == [], f"{path} with large letters"


def _check(tab: Page, city: System, who: str | None, *, narrow: bool = False) -> None:
    if who is not None:
        become(tab, city, who)
    for path in PAGES[who]:
        tab.goto(address(city) + path)
        _check_page(tab, path, narrow=narrow)
        if path in FOLLOWED:
            tab.locator(FOLLOWED[path]).first.click()
            _check_page(tab, f"behind {path}", narrow=narrow)


def _check_page(tab: Page, path: str, *, narrow: bool) -> None:
    tab.wait_for_load_state("networkidle")
    found = Axe().run(tab, options=RULES)
    assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    assert tab.evaluate(WIDER) == [], f"{path} scrolls sideways"
    assert tab.title().endswith("· Civis"), path
    if narrow:
        _check_narrow(tab, path)


@pytest.mark.parametrize("who", PAGES)
def test_pages_at_a_desk(visitor: Page, city: System, who: str | None) -> None:
    _check(visitor, city, who)


@pytest.mark.parametrize("who", PAGES)
def test_pages_on_a_telephone(telephone: Page, city: System, who: str | None) -> None:
    _check(telephone, city, who, narrow=True)

"""Every page: axe finds nothing, nothing scrolls sideways at either width in either language.

On a telephone each is looked at in both languages and three times in each: as it is, as narrow as
WCAG asks for (320 pixels), and with letters of twice the size. axe looks at each page once, in
French on the telephone: the other language and the desk have the same elements and colours.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, ViewportSize, expect

from app.identity.cards.demo import DEMO_CARDS
from tests.browser.conftest import address, become, identify
from tests.support.system import System

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],  # what is right need not be told apart: a third of the work
    "preload": {"assets": ["media"]},  # none of these rules reads style sheets: a quarter
}
PAGES = {
    None: ("/", "/figures", "/figures?indicator=12.5.1", "/figures/kinds", "/verify", "/help",
           "/accessibility", "/your-data", "/sign-in", "/mail", "/api/docs", "/no-such-page"),
    "citizen": ("/me", "/me/code", "/me/key", "/me/data", "/me/requests", "/me/closing",
                "/me/declaration", "/me/partners", "/me/representatives", "/me/age", "/pay",
                "/confirm"),
    "clerk": ("/attest", "/attest/keys", "/attest/devices", "/stations"),
    "baker": ("/till", "/till/pay-outs", "/stations", "/station", "/me/badges"),
    "officer": ("/office", "/office/decisions", "/office/programmes", "/office/programmes/new",
                "/office/programmes/new/json", "/office/refusals", "/office/waiting",
                "/office/deeds", "/office/shops",
                "/office/organisations", "/office/devices", "/office/requests",
                "/office/contests", "/office/approvals", "/office/chain", "/office/recoveries",
                "/office/guardianships", "/office/emergencies", "/office/outside-data", "/counter"),
    "treasurer-1": ("/treasury",),
    "bike-share": ("/imports",),
}  # fmt: skip

# Pages of one shop, one deed and so on, by the first link to such a page.
FOLLOWED = {
    "/office/shops": ("table a",),
    "/office/programmes": (
        "a[href$='/rules']",
        "a[href$='/net-shares']",
        "a[href$='/trial']",
        "a[href$='/dry-run']",
    ),
    "/office/outside-data": ("h2 a",),
    "/me": ("a[href^='/me/deeds/']",),
    "/imports": ("a[href^='/imports/']",),
    "/mail": ("a[href^='/mail/']",),
}

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
    tab.route("**/no-such-page*", _quietly)
    if who is not None:
        become(tab, city, who)
    for path in PAGES[who]:
        tab.goto(address(city) + path)
        links = FOLLOWED.get(path, ())
        behind = [tab.locator(link).first.evaluate("(one) => one.href") for link in links]
        _check_page(tab, path, narrow=narrow)
        for link, page in zip(links, behind, strict=True):
            tab.goto(page)
            _check_page(tab, f"{link} behind {path}", narrow=narrow)
    for reach in REACHED.get(who or "", ()):
        reach(tab, city)
        _check_page(tab, f"what {who} comes to", narrow=narrow)


def _counter(tab: Page, city: System) -> None:
    """A citizen stands before the clerk."""
    tab.goto(f"{address(city)}/attest")
    identify(tab, city)
    expect(tab.locator("#certify")).to_be_visible()


def _visit(tab: Page, city: System) -> None:
    """The holder of the demo's card stands before the officer."""
    tab.goto(f"{address(city)}/counter")
    tab.locator("#f-card_number").fill(DEMO_CARDS[0])
    tab.locator("#f-card_number").press("Enter")
    expect(tab.locator("#balance")).to_be_visible()


def _rights(tab: Page, _: System) -> None:
    """All that they can see and decide."""
    tab.locator("a[href^='/counter/visits/'][href$='/rights']").click()
    expect(tab.locator("#known")).to_be_visible()


def _paper(tab: Page, _: System) -> None:
    """The receipt of a permission, to be printed; who agrees has said their age band."""
    link, ask = tab.locator("a[href*='/consents/'][href$='/paper']").first, "form[action$='/age']"
    if tab.locator(ask).count():
        # Opened, not toggled: the look at the narrow page has unfolded it already.
        tab.locator(f"details:has({ask})").evaluate("(one) => { one.open = true; }")
        tab.locator(f"{ask} [value=adult]").check()
        tab.locator(f"{ask} button").last.click()
    if not link.count():
        tab.locator("form[action$='/partners'] button").first.click()
    link.click()
    expect(tab.locator(".pieces")).to_be_visible()


def _asked(tab: Page, city: System) -> None:
    """A payment that waits for its payer, at the till."""
    tab.goto(f"{address(city)}/till")
    tab.locator("#f-amount").fill("1,20")
    tab.locator("#f-amount").press("Enter")
    expect(tab.locator(".code-display")).to_be_visible()


def _to_pay(tab: Page, city: System) -> None:
    """The same, before who pays."""
    become(tab, city, "baker")
    _asked(tab, city)
    code = tab.locator(".code-display").inner_text()
    become(tab, city, "citizen")
    tab.goto(f"{address(city)}/pay?short_code={code}")
    expect(tab.locator("#payment")).to_have_attribute("data-state", "requested")


# Pages that are there only after something was done.
REACHED = {
    "clerk": (_counter,),
    "baker": (_asked,),
    "citizen": (_to_pay,),
    "officer": (_visit, _rights, _paper),
}


def _quietly(route: Route) -> None:
    """The page of an error with a good status: the console names a bad one, and fails the test."""
    route.fulfill(response=route.fetch(), status=200)


def _check_page(tab: Page, path: str, *, narrow: bool) -> None:
    _check_language(tab, path, narrow=narrow)
    if narrow:
        other = tab.locator(".site-nav a[hreflang]")
        language = other.get_attribute("hreflang") or ""
        other.click()
        expect(tab.locator("html")).to_have_attribute("lang", language)
        _check_language(tab, path, narrow=narrow)


def _check_language(tab: Page, path: str, *, narrow: bool) -> None:
    language = tab.locator("html").get_attribute("lang")
    assert narrow or language == "en", path
    if narrow and language == "fr":
        tab.wait_for_load_state("networkidle")
        found = Axe().run(tab, options=RULES)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    tab.wait_for_load_state("load")  # the words are there before the style sheet is
    _check_width(tab, f"{path} in {language}", narrow=narrow)


def _check_width(tab: Page, path: str, *, narrow: bool) -> None:
    assert tab.evaluate(WIDER) == [], f"{path} scrolls sideways"
    assert tab.title().endswith("· Civis"), path
    if narrow:
        _check_narrow(tab, path)


@pytest.mark.deep  # a telephone is narrower, and axe has looked there
@pytest.mark.parametrize("who", PAGES)
def test_pages_at_a_desk(visitor: Page, city: System, who: str | None) -> None:
    _check(visitor, city, who)


@pytest.mark.parametrize("who", PAGES)
def test_pages_on_a_telephone(telephone: Page, city: System, who: str | None) -> None:
    _check(telephone, city, who, narrow=True)

"""The baker's till: a wrong amount, a strange one, no network, giving back, a small telephone."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import address, become
from tests.support.browser import losing_page
from tests.support.system import System

PAGES = ("/till", "/till/pay-outs")


def _ask(tab: Page, city: System, amount: str, button: str = "Show the code to pay") -> None:
    tab.goto(f"{address(city)}/till")
    tab.locator("#f-amount").fill(amount)
    tab.get_by_role("button", name=button).click()


def paid(tab: Page, city: System, amount: str) -> str:
    """A payment that the citizen has made; the till's page of it is open. Its code."""
    become(tab, city, "baker")
    _ask(tab, city, amount)
    code = tab.locator(".code-display").inner_text()
    page = tab.url
    become(tab, city, "citizen")
    tab.goto(f"{address(city)}/pay?short_code={code}")
    tab.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(tab.locator(".screen-result.good")).to_be_visible()
    become(tab, city, "baker")
    tab.goto(page)
    return code


def test_a_wrong_amount_is_taken_back_and_corrected(visitor: Page, city: System) -> None:
    become(visitor, city, "baker")
    _ask(visitor, city, "3,20")
    code = visitor.locator(".code-display").inner_text()
    visitor.get_by_role("button", name="Cancel, or correct the amount").click()
    expect(visitor.get_by_text(f"Cancelled: nobody can pay with {code}.")).to_be_visible()
    expect(visitor.locator("#f-amount")).to_have_value("3.20")
    become(visitor, city, "citizen")
    answer = visitor.request.get(f"{address(city)}/pay?short_code={code}")
    assert answer.status == 404


def test_an_amount_far_above_the_usual_is_asked_about(visitor: Page, city: System) -> None:
    become(visitor, city, "baker")
    _ask(visitor, city, "1 200,50")
    expect(visitor.get_by_role("alert")).to_contain_text("€1,200.50 is far more than this till")
    expect(visitor.locator(".code-display")).to_have_count(0)
    expect(visitor.locator("#f-amount")).to_have_value("1 200,50")
    visitor.get_by_role("button", name="Yes, ask for €1,200.50").click()
    expect(visitor.locator(".code-display")).to_be_visible()
    visitor.get_by_role("button", name="Cancel, or correct the amount").click()


def test_without_network_the_amount_is_kept_and_asked_for_once(
    telephone: Page, city: System
) -> None:
    become(telephone, city, "baker")
    telephone.goto(f"{address(city)}/till")
    telephone.locator("#f-amount").fill("2,40")
    telephone.evaluate(
        "() => { window.sent = fetch; window.fetch = () => Promise.reject(new TypeError()); }"
    )
    button = telephone.get_by_role("button", name="Afficher le code")
    button.click()
    expect(telephone.locator("#no-network")).to_contain_text("Pas de réseau")
    expect(telephone.locator("#f-amount")).to_have_value("2,40")
    telephone.evaluate("() => { window.fetch = window.sent; }")
    button.click()
    expect(telephone.locator(".code-display")).to_be_visible()
    telephone.get_by_role("button", name="Annuler ou corriger").click()


def test_giving_back_is_confirmed_and_an_error_keeps_the_form(
    chromium: Browser, city: System
) -> None:
    with losing_page(chromium, locale="en-GB") as tab:
        _give_back(tab, city)


def _give_back(visitor: Page, city: System) -> None:
    code = paid(visitor, city, "0,60")
    visitor.get_by_text("Give back all or part").click()
    visitor.locator("#f-amount").fill("0,70")
    visitor.get_by_role("button", name="Give back").click()
    expect(visitor.locator("#problem")).to_contain_text("€0.60 can still be given back.")
    expect(visitor.locator("#f-amount")).to_be_visible()
    expect(visitor.locator("#f-amount")).to_have_value("0,70")
    expect(visitor).to_have_url(re.compile(r"/till/payments/[^/]+$"))
    visitor.locator("#f-amount").fill("0,25")
    visitor.get_by_role("button", name="Give back").click()
    expect(visitor.get_by_role("heading", name="Give back €0.25?")).to_be_visible()
    expect(visitor.get_by_text("of which €0.25 refunded")).to_have_count(0)
    visitor.get_by_role("button", name="Yes, give back €0.25").click()
    expect(visitor.get_by_text("of which €0.25 refunded")).to_be_visible()
    become(visitor, city, "citizen")
    visitor.goto(f"{address(city)}/me")
    line = visitor.locator("li").filter(has_text=code)
    expect(line).to_contain_text("of which €0.25 refunded")


def test_the_till_fits_a_small_telephone(telephone: Page, city: System) -> None:
    """Nothing scrolls sideways, not even inside the page, and a whole row opens its payment."""
    become(telephone, city, "baker")
    for path in PAGES:
        telephone.goto(address(city) + path)
        wide = telephone.evaluate(
            "[...document.querySelectorAll('main *')].filter(e => e.scrollWidth > e.clientWidth"
            " && getComputedStyle(e).overflowX === 'auto'"
            " || e.getBoundingClientRect().right > innerWidth).map(e => e.outerHTML)"
        )
        assert wide == [], path
    telephone.goto(f"{address(city)}/till")
    row = telephone.locator("main .list li").first
    row.click(position={"x": 8, "y": 8})
    expect(telephone.locator("#payment")).to_be_visible()

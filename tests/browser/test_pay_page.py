"""Both sides of one payment when something goes wrong: a lost answer, a lost session, a refusal."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import address, become
from tests.support.browser import losing_page
from tests.support.system import System

ACCEPTANCE = re.compile(r"/api/v1/payments/[^/]+/acceptance$")
POLL = re.compile(r"/api/v1/payments/[^/]+$")


@pytest.fixture
def till(chromium: Browser, city: System) -> Iterator[Page]:
    with losing_page(chromium, locale="en-GB") as tab:
        become(tab, city, "baker")
        yield tab


@pytest.fixture
def payer(chromium: Browser, city: System) -> Iterator[Page]:
    with losing_page(chromium, locale="en-GB") as tab:
        become(tab, city, "citizen")
        yield tab


def _ask(till: Page, city: System, amount: str) -> str:
    """The code that the till shows."""
    till.goto(f"{address(city)}/till")
    till.get_by_label("Amount in euros").fill(amount)
    till.get_by_role("button", name="Show the code to pay").click()
    return till.locator(".code-display").inner_text()


def _open(payer: Page, city: System, code: str) -> None:
    payer.goto(f"{address(city)}/pay")
    payer.get_by_label("Short code").fill(code)
    payer.get_by_role("button", name="Find the payment").click()
    expect(payer.locator("#payment")).to_have_attribute("data-state", "requested")
    payer.wait_for_load_state()  # before its script runs, the button sends a plain form


def _cents(payer: Page, city: System) -> int:
    """What the citizen may spend now."""
    answer = payer.request.get(f"{address(city)}/api/v1/me/balance")
    return int(answer.json()["available_cents"])


def _payments(till: Page, city: System, code: str) -> list[str]:
    answer = till.request.get(f"{address(city)}/api/v1/till/payments")
    return [one["state"] for one in answer.json()["items"] if one["short_code"] == code]


@dataclass
class Losses:
    """Until they are `over`, the server gets each request and its answer never arrives.

    The route stays: taken away, it would let go of a request that is under way.
    """

    over: bool = False

    def handle(self, route: Route) -> None:
        if self.over:
            route.continue_()
            return
        route.fetch()
        route.abort("connectionreset")


def _lose_answers(tab: Page, pattern: re.Pattern[str]) -> Losses:
    losses = Losses()
    tab.route(pattern, losses.handle)
    return losses


def test_after_a_lost_answer_both_sides_check_and_then_know(
    till: Page, payer: Page, city: System
) -> None:
    code = _ask(till, city, "0,40")
    _open(payer, city, code)
    _lose_answers(payer, ACCEPTANCE)
    polls = {side: _lose_answers(side, POLL) for side in (payer, till)}
    payer.get_by_role("button", name="Pay €0.40").click()
    for side in (payer, till):
        expect(side.locator("#checking")).to_contain_text("Checking…")
    assert _payments(till, city, code) in (["accepted"], ["settled"])
    for side in (payer, till):
        polls[side].over = True
        expect(side.locator(".screen-result.good")).to_contain_text("€0.40")
        expect(side.locator("#checking")).to_be_hidden()


def test_pressing_again_after_a_lost_answer_pays_once(
    till: Page, payer: Page, city: System
) -> None:
    code = _ask(till, city, "0,30")
    before = _cents(payer, city)
    _open(payer, city, code)
    acceptance, polls = (_lose_answers(payer, what) for what in (ACCEPTANCE, POLL))
    button = payer.get_by_role("button", name="Pay €0.30")
    button.click()
    expect(payer.locator("#checking")).to_be_visible()
    expect(button).to_be_enabled()
    acceptance.over = True
    with payer.expect_response(ACCEPTANCE) as second:
        button.click()
    assert second.value.ok
    polls.over = True
    expect(payer.locator(".screen-result.good")).to_be_visible()
    assert len(_payments(till, city, code)) == 1
    assert before - _cents(payer, city) == 30


def test_a_payment_that_never_arrived_says_so_and_can_be_pressed_again(
    till: Page, payer: Page, city: System
) -> None:
    _open(payer, city, _ask(till, city, "0,20"))
    payer.route(ACCEPTANCE, lambda route: route.abort("connectionfailed"))
    button = payer.get_by_role("button", name="Pay €0.20")
    button.click()
    expect(payer.locator("#checking")).to_contain_text("Not paid so far.")
    payer.unroute(ACCEPTANCE)
    button.click()
    expect(payer.locator(".screen-result.good")).to_be_visible()


def test_who_lost_the_session_signs_in_and_comes_back_to_the_payment(
    till: Page, payer: Page, city: System
) -> None:
    _open(payer, city, _ask(till, city, "0,10"))
    page = payer.url
    beside = payer.context.new_page()  # its questions must not change where one comes back to
    beside.goto(page)
    payer.context.clear_cookies(name="civis")
    payer.get_by_role("button", name="Pay €0.10").click()
    expect(payer.locator("#refused h2")).to_have_text("Not paid. Please sign in")
    expect(payer.locator("#checking")).to_be_hidden()
    payer.locator("#refused").get_by_role("link", name="Sign in").click()
    expect(payer.get_by_label("Your e-mail address")).to_be_visible()
    expect(beside.locator("#refused h2")).to_have_text("Please sign in")
    _sign_in(payer, city)
    expect(payer).to_have_url(page)
    expect(beside.locator("#refused")).to_be_hidden()
    expect(payer.get_by_role("button", name="Pay €0.10")).to_be_visible()


def _sign_in(tab: Page, city: System) -> None:
    before = _codes(tab, city)
    tab.get_by_label("Your e-mail address").fill("citizen@demo.example")
    tab.get_by_role("button", name="Send me a code").click()
    tab.get_by_label("Code of six digits").fill(_new_code(tab, city, before))
    tab.get_by_role("button", name="Sign in").click()


def _new_code(tab: Page, city: System, before: list[str]) -> str:
    deadline = time.monotonic() + 60
    while (codes := _codes(tab, city)) == before:
        assert time.monotonic() < deadline, "no letter came"
        time.sleep(0.3)
    return codes[0]


def _codes(tab: Page, city: System) -> list[str]:
    """The codes in the demo's mail folder, newest first."""
    folder = tab.request.get(f"{address(city)}/mail").text()
    return re.findall(r"(?:Your code: |Votre code\u00a0: )(\d{6})", folder)


def test_a_refused_payment_shows_its_reason(till: Page, payer: Page, city: System) -> None:
    """Another person signed in beside it, and the form is no longer theirs to send."""
    _open(payer, city, _ask(till, city, "0,10"))
    other = payer.context.new_page()
    become(other, city, "baker")
    payer.get_by_role("button", name="Pay €0.10").click()
    expect(payer.locator("#refused h2")).to_have_text(
        "Not paid. This form is too old or from elsewhere"
    )
    expect(
        payer.locator("#refused").get_by_role("link", name="Open the page again")
    ).to_be_visible()
    expect(payer.locator("#checking")).to_be_hidden()


def test_what_the_balance_no_longer_holds_is_refused_with_what_to_do(
    till: Page, payer: Page, city: System
) -> None:
    """The page was opened when the balance sufficed; meanwhile something else was paid."""
    most = _cents(payer, city) - 10
    amount = f"{most // 100},{most % 100:02d}"
    codes = [_ask_anyway(till, city, asked) for asked in (amount, "0,20")]
    _open(payer, city, codes[0])
    other = payer.context.new_page()
    _open(other, city, codes[1])
    other.get_by_role("button", name="Pay €0.20").click()
    expect(other.locator(".screen-result.good")).to_be_visible()
    payer.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(payer.locator("#refused h2")).to_have_text("Not paid. You have too few tokens")
    expect(payer.locator("#refused")).to_contain_text("Ask the shop for a payment of that amount")


def _ask_anyway(till: Page, city: System, amount: str) -> str:
    """Says yes where the till asks whether the amount is right."""
    till.goto(f"{address(city)}/till")
    till.get_by_label("Amount in euros").fill(amount)
    till.get_by_role("button", name="Show the code to pay").click()
    shown = till.locator(".code-display")
    yes = till.get_by_role("button", name="Yes, ask for")
    expect(shown.or_(yes)).to_be_visible()
    if yes.is_visible():
        yes.click()
    return shown.inner_text()

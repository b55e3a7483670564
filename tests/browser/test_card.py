"""A paper card from the pile to the receipt: printed, given out, credited, charged."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from app.identity import service as identity
from app.identity.cards import service as cards
from app.reporting.verify.command import command as verify
from app.rewards.money.ledger import available
from tests.browser.conftest import address, become, world_of
from tests.support.browser import losing_page
from tests.support.cards import PIN, numbers_in
from tests.support.system import System


def _printed(tab: Page, city: System) -> str:
    """The number on a fresh card, as the officer's printer has it."""
    become(tab, city, "officer")
    tab.goto(f"{address(city)}/counter")
    tab.get_by_text("Make cards").click()
    tab.get_by_label("How many").fill("1")
    tab.get_by_role("button", name="Open a batch").click()
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Print, once").first.click()
    return numbers_in(Path(download.value.path()).read_bytes())[0]


def _given_out(tab: Page, city: System, number: str) -> None:
    tab.goto(f"{address(city)}/counter")
    tab.get_by_label("Number of the card").fill(number)
    tab.get_by_role("button", name="Find", exact=True).click()
    form = tab.locator("#pin-form")
    form.get_by_label("PIN that the person chooses").fill(PIN)
    form.get_by_label("The same PIN again").fill(PIN)
    form.get_by_role("button", name="Activate the card").click()
    expect(tab.get_by_text("The PIN is set: the card can pay.")).to_be_visible()
    expect(tab.get_by_role("button", name="Print this for them")).to_be_visible()


def _credited(tab: Page, city: System, number: str) -> None:
    become(tab, city, "clerk")
    tab.goto(f"{address(city)}/attest")
    expect(tab.locator("#attest")).to_have_attribute("data-key-state", "certified")
    tab.get_by_label("Or their paper card").fill(number)
    tab.get_by_role("button", name="Next, with the card").click()
    tab.locator(".choice", has_text="Glass").first.click()
    tab.get_by_role("textbox", name="Quantity").fill("8")
    tab.get_by_role("button", name="Confirm and sign").click()
    expect(tab.locator(".success h2")).to_contain_text("8 kg")
    with world_of(city) as world:
        world.wait("the card's tokens", lambda session: _has(session, number) > 0)


def _has(session: Session, number: str) -> int:
    card = cards.card_of_number(session, number)
    return sum(
        available(session, account.address, account.programme_id)
        for account in identity.accounts_of(session, card.person_id if card else UUID(int=0))
    )


def _proof_on_paper(tab: Page, city: System, number: str, folder: Path) -> None:
    """What was typed from paper is checked with the chain; the holder reads who printed it."""
    become(tab, city, "officer")
    tab.goto(f"{address(city)}/counter")
    tab.get_by_label("Number of the card").fill(number)
    tab.get_by_role("button", name="Find", exact=True).click()
    rights = f"{tab.url}/rights"
    tab.goto(rights)
    tab.get_by_role("link", name="Proof on paper").first.click()
    visit, deed = re.findall(r"/([0-9a-f-]{36})", tab.url)
    given = f"/api/v1/counter/visits/{visit}/actions/{deed}/receipt"
    assert tab.request.get(address(city) + given).json()["action"] == deed
    typed = tab.locator(".pieces .code").all_inner_texts()
    assert tab.get_by_role("img", name=re.compile("^QR code")).count() == len(typed) > 1
    kept = folder / "typed.txt"
    kept.write_text("\n".join(typed), encoding="utf-8")
    rpc = city.settings.chain_rpc_urls[0]
    said = CliRunner().invoke(verify, [str(kept), "--rpc", rpc])
    assert (said.exit_code, "RECEIPT HOLDS" in said.output) == (0, True), said.output
    tab.goto(rights)
    expect(tab.get_by_text("the proof of a deed, printed for you")).to_have_count(2)  # and by API


def test_a_card_is_given_out_credited_and_charged(
    chromium: Browser, city: System, tmp_path: Path
) -> None:
    with losing_page(chromium, locale="en-GB") as tab:  # a wrong PIN is refused on the way
        _proof_on_paper(tab, city, _walk(tab, city), tmp_path)


def _walk(visitor: Page, city: System) -> str:
    """The number of the card."""
    number = _printed(visitor, city)
    _given_out(visitor, city, number)
    _credited(visitor, city, number)
    become(visitor, city, "baker")
    visitor.goto(f"{address(city)}/till")
    visitor.locator("#f-amount").fill("0,10")
    visitor.get_by_role("button", name="Show the code to pay").click()
    visitor.get_by_text("The customer has a paper card").click()
    visitor.get_by_label("Number of the card").fill(number.lower())
    visitor.get_by_label("PIN, typed by the customer").fill("9071")
    visitor.get_by_role("button", name=re.compile("^Pay .* by card")).click()
    expect(visitor.locator("#problem")).to_contain_text("Card or PIN is wrong")
    visitor.get_by_label("PIN, typed by the customer").fill(PIN)
    visitor.get_by_role("button", name=re.compile("^Pay .* by card")).click()
    expect(visitor.locator(".screen-result.good")).to_contain_text("Left on the card")
    speak = visitor.get_by_role("button", name="Say it aloud")
    expect(speak).to_have_attribute("data-speak", re.compile("^Paid: €0.10. Left: "))
    speak.click()
    visitor.reload()
    expect(visitor.locator(".screen-result.good")).to_be_visible()
    return number

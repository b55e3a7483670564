"""The key of a wallet kept by its owner, from the offer to the till and back to the city.

Whatever the browser sends on the way is written down: no seed, code, passphrase or key is in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy.orm import Session

from app.chain.typed import address_of
from app.demo.world import World
from app.merchants.payments import request_payment
from tests.browser.conftest import world_of
from tests.browser.test_passkeys import (
    authenticator,
    check,
    confirm_by_code,
    sign_in_by_code,
)
from tests.support.browser import losing_page
from tests.support.own_browser import DERIVED, FORGOTTEN, STORED, Owner, somebody_with_tokens
from tests.support.own_seed import code_of, key_of, seed_of, unlocked
from tests.support.system import System

PASSPHRASE = "quatre mots que nul ne devine"


@pytest.fixture
def owner(chromium: Browser, city: System) -> Iterator[Owner]:
    """A simulated citizen with tokens, of which the city's own life has let go."""
    with world_of(city) as world, world.parts.database.session() as session:
        email = somebody_with_tokens(world, session)
    with losing_page(chromium, locale="en-GB", viewport={"width": 360, "height": 740}) as tab:
        own = Owner(tab, city, email)
        sign_in_by_code(tab, city, email)
        with world_of(city) as world:
            world.wait("their payments", lambda session: not own.promised(session))
        yield own


def test_a_key_is_made_pays_is_lost_comes_back_and_is_given_back(owner: Owner) -> None:
    with authenticator(owner.tab, hasPrf=True):
        _a_passkey(owner)
        code = _made_with_a_passphrase(owner)
        _moved(owner)
        seed = seed_of(code)
        _the_account_is_of_this_seed(owner, seed)
        _pays_after_a_wrong_passphrase(owner)
        _storage_vanishes_and_home_says_so(owner)
        _without_the_sheet_a_new_key_names_its_address(owner)
        _brought_back_with_the_passkey(owner, code)
        _pays_with_the_passkey(owner)
        _given_back(owner)
        _nothing_secret_was_sent(owner, seed, code)


def _a_passkey(owner: Owner) -> None:
    owner.open("/me/passkeys/new")
    confirm_by_code(owner.tab, owner.city, owner.email)
    owner.tab.get_by_label("Name of this passkey").fill("My telephone")
    owner.tab.get_by_role("button", name="Make the passkey").click()
    expect(owner.tab.get_by_role("button", name="Remove My telephone")).to_be_visible()


def _made_with_a_passphrase(owner: Owner) -> str:
    """The code on the sheet."""
    tab = owner.tab
    owner.open("/me")
    tab.get_by_role("link", name="Keep the key yourself").click()
    offer = tab.locator(owner.part("offer"))
    expect(offer).to_be_visible()
    check(tab)
    offer.get_by_label("a passphrase").check()
    offer.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    offer.get_by_label("The same once more").fill(PASSPHRASE)
    offer.get_by_role("button", name="Make my key").click()
    shown = tab.locator("[data-code]")
    expect(shown).to_have_text(re.compile(r"^(\w{4} ){6}\w{4}$"))
    check(tab)
    assert tab.evaluate("sessionStorage.persist") == "asked"
    code = shown.inner_text()
    groups = code.split()
    again = tab.locator(owner.part("check"))
    again.get_by_label("Second group").fill(groups[1])
    again.get_by_label("Fifth group").fill("0000")
    again.get_by_role("button", name="It is on paper").click()
    expect(tab.locator("#own-key-problem")).to_contain_text("not the signs of your sheet")
    again.get_by_label("Fifth group").fill(groups[4].lower())
    again.get_by_role("button", name="It is on paper").click()
    assert tab.evaluate(DERIVED) == [
        "000G 40R4 0M30 E209 185G R38E 1YZ4",
        list(key_of(bytes(range(16)), b"\7" * 32)),
    ]
    assert code_of(bytes(range(16))) == "000G 40R4 0M30 E209 185G R38E 1YZ4"
    return code


def _moved(owner: Owner) -> None:
    """The proof has grown old; a new one is asked for on the way."""
    tab = owner.tab
    _grow_old(owner)
    tab.get_by_role("button", name="Move my tokens").click()
    tab.get_by_role("button", name="Confirm with a passkey").click()
    move = tab.locator(owner.part("move"))
    move.get_by_label("Passphrase of the new key").fill(PASSPHRASE)
    move.get_by_role("button", name="Move my tokens").click()
    announced = tab.locator(owner.part("announced"))
    expect(announced).to_contain_text("about to go under another key")
    check(tab)
    announced.get_by_role("button", name="Stop it").click()
    expect(move).to_be_visible()
    with world_of(owner.city) as world:
        owner.has_had_the_passkey_for_a_week(world)
    owner.open("/me/key")
    move.get_by_label("Passphrase of the new key").fill(PASSPHRASE)
    check(tab)
    move.get_by_role("button", name="Sooner, with my passkey").click()
    expect(announced).to_contain_text("about to go under another key")
    expect(tab.locator(owner.part("here"))).to_be_visible(timeout=90_000)
    check(tab)


def _grow_old(owner: Owner) -> None:
    with world_of(owner.city) as world, world.parts.database.transaction() as session:
        old = "update sign_in_session set proved_at = proved_at - interval '6 minutes'"
        session.connection().exec_driver_sql(old)


def _the_account_is_of_this_seed(owner: Owner, seed: bytes) -> None:
    with world_of(owner.city) as world, world.parts.database.session() as session:
        programme = world.programme(session).chain_id
        assert owner.account(session).address == address_of(key_of(seed, programme))
        assert owner.account(session).wallet.value == "device"
    assert unlocked(PASSPHRASE, owner.tab.evaluate(STORED)) == seed


def _asked(owner: Owner, cents: int) -> UUID:
    with world_of(owner.city) as world, world.parts.database.transaction() as session:
        return _request(world, session, cents)


def _request(world: World, session: Session, cents: int) -> UUID:
    shop = world.organisation(session, world.city.shops[0].slug).id
    by, now = world.person(session, "baker"), world.now(session)
    return request_payment(
        session, merchant_id=shop, amount_cents=cents, label="Pain", by=by, now=now
    ).id


def _pays_after_a_wrong_passphrase(owner: Owner) -> None:
    tab = owner.tab
    owner.open(f"/pay/{_asked(owner, 20)}")
    tab.get_by_label("Passphrase of your key").fill("a wrong one altogether")
    tab.get_by_role("button", name="Pay €0.20").click()
    expect(tab.get_by_text("That did not open the key.")).to_be_visible()
    check(tab)
    tab.get_by_label("Passphrase of your key").fill(PASSPHRASE)
    tab.get_by_role("button", name="Pay €0.20").click()
    expect(tab.locator(".screen-result.good")).to_contain_text("€0.20")


def _storage_vanishes_and_home_says_so(owner: Owner) -> None:
    owner.open("/me")
    expect(owner.tab.get_by_role("link", name="My key")).to_be_visible()
    expect(owner.tab.locator("#key-missing")).to_be_hidden()
    owner.tab.evaluate(FORGOTTEN)
    owner.open("/me")
    expect(owner.tab.locator("#key-missing")).to_contain_text("not on this device")
    check(owner.tab)


def _without_the_sheet_a_new_key_names_its_address(owner: Owner) -> None:
    """For the officers, who put it in the lost one's place."""
    tab = owner.tab
    tab.get_by_role("link", name="Bring it back from your sheet").click()
    tab.get_by_role("button", name="Make a new key for that").click()
    tab.locator(owner.part("offer")).get_by_role("button", name="Make my key").click()
    code = tab.locator("[data-code]")
    expect(code).to_have_text(re.compile(r"^(\w{4} ){6}\w{4}$"))
    seed = seed_of(code.inner_text())
    tab.get_by_label("Second group").fill(code.inner_text().split()[1])
    tab.get_by_label("Fifth group").fill(code.inner_text().split()[4])
    tab.get_by_role("button", name="It is on paper").click()
    with world_of(owner.city) as world, world.parts.database.session() as session:
        named = address_of(key_of(seed, world.programme(session).chain_id))
    expect(tab.locator(owner.part("lost"))).to_contain_text(named)
    check(tab)
    tab.get_by_role("button", name="Forget this key").locator("visible=true").click()


def _brought_back_with_the_passkey(owner: Owner, code: str) -> None:
    tab = owner.tab
    part = tab.locator(owner.part("missing"))
    expect(part).to_be_visible()
    check(tab)
    part.get_by_label("Code of the backup sheet").fill(code_of(bytes(16)))
    part.get_by_role("button", name="Bring the key back").click()
    expect(tab.locator("#own-key-problem")).to_contain_text("not the signs of your sheet")
    part.get_by_label("Code of the backup sheet").fill(code.lower().replace("0", "o"))
    part.get_by_role("button", name="Bring the key back").click()
    expect(tab.locator(owner.part("here"))).to_be_visible()
    assert tab.evaluate(STORED)["way"] == "passkey"


def _pays_with_the_passkey(owner: Owner) -> None:
    owner.open(f"/pay/{_asked(owner, 10)}")
    expect(owner.tab.get_by_text("Your passkey will ask for your finger")).to_be_visible()
    owner.tab.get_by_role("button", name="Pay €0.10").click()
    expect(owner.tab.locator(".screen-result.good")).to_contain_text("€0.10")


def _given_back(owner: Owner) -> None:
    with world_of(owner.city) as world:
        world.wait("the payments", lambda session: not owner.promised(session))
    # Loads itself anew once it knows, and would interrupt whoever goes elsewhere.
    expect(owner.tab.locator("#payment")).to_have_attribute("data-state", "settled")
    _grow_old(owner)
    owner.open("/me/key")
    owner.tab.get_by_role("button", name="Give the key back to the city").click()
    owner.tab.get_by_role("button", name="Confirm with a passkey").click()
    owner.tab.get_by_role("button", name="Give the key back to the city").click()
    expect(owner.tab.locator(owner.part("offer"))).to_be_visible(timeout=60_000)
    owner.open("/me")
    expect(owner.tab.get_by_text("The city keeps the key of this wallet")).to_be_visible()


def _nothing_secret_was_sent(owner: Owner, seed: bytes, code: str) -> None:
    with world_of(owner.city) as world, world.parts.database.session() as session:
        key = key_of(seed, world.programme(session).chain_id)
    signs = code.replace(" ", "")
    secrets = [PASSPHRASE, PASSPHRASE.replace(" ", "+"), PASSPHRASE.replace(" ", "%20"), code]
    secrets += [signs, signs[:12], seed.hex(), key.hex(), json.dumps(list(seed)), code[:9]]
    everything = "\n".join(owner.sent)
    assert "/me/wallet/moves" in everything
    assert "owner_signature" in everything
    for secret in secrets:
        assert secret.lower() not in everything.lower()

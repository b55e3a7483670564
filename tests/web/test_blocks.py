"""A wallet is blocked at once from any side, and whoever holds the telephone can't undo it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError

from app.chain.signer import SignerClient
from app.errors import Problem
from app.identity.block_models import BlockChannel
from app.identity.models import Account, SignInSession
from app.merchants.purses import purses_of
from app.recovery.blocks import block_wallet
from app.services import Services
from tests.support.paying import paying_city
from tests.support.recovering import Recovering, recovering


@pytest.fixture
def town(services: Services, signer: SignerClient) -> Iterator[Recovering]:
    with paying_city(services, signer) as city:
        yield recovering(city)


def test_the_owner_blocks_from_another_device_and_the_telephone_pays_nothing(
    town: Recovering,
) -> None:
    assert town.pay().status_code == 200
    block = town.city.post("citizen", "/me/wallet/block", status=201)
    answer = town.pay()
    assert (answer.status_code, answer.get_json()["code"]) == (409, "wallet-blocked")
    [seen] = town.city.get("citizen", "/me/wallet")["blocks"]
    assert seen == block
    assert town.refused("citizen", f"/blocks/{block['id']}/end") == "not-allowed"


def test_the_signer_refuses_by_itself(town: Recovering) -> None:
    """A web process that skips its own check gets no signature."""
    world = town.city.world
    town.city.post("citizen", "/me/wallet/block", status=201)
    order = world.order(payer=world.mine.address)
    with pytest.raises(Problem) as caught:
        world.sign(order, town.city.tokens["citizen"])
    assert caught.value.code == "wallet-blocked"


def test_the_link_of_a_letter_blocks_once_without_signing_in(town: Recovering) -> None:
    assert town.pay().status_code == 200
    link = town.link(town.email)
    browser = town.city.client.application.test_client()
    assert browser.get(link).status_code == 200
    assert town.pay().status_code == 200, "a mailbox that opens links blocks nobody"
    assert town.press(link) == 200
    assert town.pay().status_code == 401, "signed out everywhere"
    assert town.press(link) == 410
    assert "is blocked" in town.letters(town.email)[-1] or "bloqué" in town.letters(town.email)[-1]


def test_a_link_that_never_was_says_no_more_than_a_worn_one(town: Recovering) -> None:
    assert town.press("/not-me/never") == 410


def test_a_link_works_for_thirty_days(town: Recovering) -> None:
    town.pay()
    link = town.link(town.email)
    town.age(days=30)
    assert town.press(link) == 410


def test_by_telephone_one_officer_blocks_for_72_hours_and_not_again(town: Recovering) -> None:
    said = {"known_by": town.email, "channel": "telephone"}
    town.city.post("officer", "/blocks", said, status=201)
    assert town.pay().get_json()["code"] == "wallet-blocked"
    assert town.refused("officer", "/blocks", said) == "block-goes-on"
    town.age(hours=72)
    assert town.pay().status_code == 200, "it ended by itself"
    assert town.refused("officer", "/blocks", said) == "recovery-another-officer"
    town.city.post("officer-2", "/blocks", said, status=201)
    assert town.pay().get_json()["code"] == "wallet-blocked"


def test_a_second_officer_extends_and_neither_lifts_their_own(town: Recovering) -> None:
    said = {"known_by": town.email, "channel": "counter"}
    first = town.city.post("officer", "/blocks", said, status=201)
    assert town.refused("officer", f"/blocks/{first['id']}/end") == "recovery-another-officer"
    second = town.city.post("officer-2", "/blocks", said, status=201)
    assert second["id"] == first["id"]
    assert second["until"] > first["until"]
    assert town.refused("officer-2", f"/blocks/{first['id']}/end") == "recovery-another-officer"
    town.city.post("officer-3", f"/blocks/{first['id']}/end", status=204)
    assert town.pay().status_code == 200
    assert town.refused("officer-4", f"/blocks/{first['id']}/end") == "block-not-in-force"


def test_an_officer_blocks_nobody_as_an_officer_for_themselves(town: Recovering) -> None:
    number = town.city.get("officer", "/me/presence")["short_number"]
    said = {"known_by": number, "channel": "counter"}
    assert town.refused("officer", "/blocks", said) == "recovery-another-officer"
    town.city.post("officer-2", "/blocks", said, status=201)


def test_nobody_known_so_is_told(town: Recovering) -> None:
    for known_by in ("nobody@city.example", "00000000", "abc"):
        said = {"known_by": known_by, "channel": "counter"}
        assert town.refused("officer", "/blocks", said) == "recovery-person-unknown"


def test_the_chain_follows_for_every_account_by_another_key_each_time(town: Recovering) -> None:
    world = town.city.world
    block = town.city.post("citizen", "/me/wallet/block", status=201)
    town.city.post("officer", f"/blocks/{block['id']}/end", status=204)
    town.city.post("citizen", "/me/wallet/block", status=201)
    sent = [
        (row.kind, row.signer)
        for row in town.outbox()
        if row.payload.get("account") == world.mine.address
    ]
    assert sent == [
        ("block_account", "officer"),
        ("unblock_account", "officer_2"),
        ("block_account", "officer_2"),
    ]


def test_a_block_waits_for_an_acceptance_under_way(town: Recovering) -> None:
    """Else a payment that looked before the block could be accepted after it."""
    world, database = town.city.world, town.services.database
    owner, shop = world.mine.person_id, world.shop.organisation_id
    with database.transaction() as paying:
        now = town.services.clock.now(paying)
        purses_of(paying, person_id=owner, merchant_id=shop, now=now, lock=True)
        with database.session() as other:
            other.execute(text("set local lock_timeout = '100ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                block_wallet(other, owner, channel=BlockChannel.SESSION, by=owner, now=now)


def test_a_blocked_owner_is_not_erased_by_the_thief(town: Recovering) -> None:
    town.city.post("citizen", "/me/wallet/block", status=201)
    with town.city.world.services.database.transaction() as session:  # who has their passkey too
        now = town.city.world.services.clock.now(session)
        session.execute(update(SignInSession).values(proved_at=now))
    assert town.refused("citizen", "/me/closing", {}) == "wallet-blocked"


def test_deeds_go_on_being_recorded(town: Recovering) -> None:
    """Nothing but paying asks for a block: an account is found and credited as before."""
    town.city.post("citizen", "/me/wallet/block", status=201)
    with town.services.database.session() as session:
        account = session.get_one(Account, town.city.world.mine.id)
    assert account.replaced_at is None

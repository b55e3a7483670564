"""Whoever keeps the key themselves: moves are signed by both keys and proved afresh, one balance is
shown throughout, and from then on the device's signature alone pays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.chain import typed
from app.chain.errors import Reverted
from app.chain.signer import SignerClient
from app.db import uuid7
from app.identity.models import Account, WalletKind
from app.recovery.moves import move_refused
from app.rewards.money import ledger
from app.services import Services
from tests.support.heard_moves import told
from tests.support.own_key import DOMAIN, OwnKey, city_holds, fresh, hexed, moved, refused
from tests.support.paying import City, paying_city
from tests.support.recovering import recovering
from tests.support.signer_world import code

KEY = typed.new_key()


@pytest.fixture(scope="module")
def city(services: Services, signer: SignerClient) -> Iterator[City]:
    with paying_city(services, signer) as made:
        yield made


@pytest.fixture
def owner(city: City) -> OwnKey:
    """Somebody new with ten tokens, whose key the city keeps."""
    return OwnKey(recovering(city))


def test_an_account_goes_on_under_the_device_s_key(owner: OwnKey) -> None:
    key, address = fresh()
    struct = owner.proved().struct(address)
    [told] = owner.move(struct, new=key).get_json()["items"]
    assert (told["id"], told["new_address"]) == (None, address)
    waits = owner.account()
    assert (waits["announced"]["ready_at"], waits["moving"]) == (told["ready_at"], False)
    assert owner.rounds() == []
    [made] = owner.waited().rounds()
    [sent] = owner.sent(made)
    digest = bytes.fromhex(made[2:])
    for name, signed, who in (
        ("owner_signature", digest, struct.sender),
        (
            "acceptor_signature",
            typed.acceptance_digest(DOMAIN, digest),
            owner.town.city.world.signer.address_of("acceptor"),
        ),
    ):
        assert typed.recover(signed, bytes.fromhex(sent.payload[name][2:])) == who
    waits = owner.account()
    assert (waits["address"], waits["moving"], waits["announced"]) == (struct.sender, True, None)
    assert waits["on_its_way_cents"] == 1000
    owner.final(made)
    now = owner.account()
    assert (now["address"], now["wallet"], now["available_cents"]) == (address, "device", 1000)


def test_on_its_way_the_balance_stands_and_a_payment_says_why_it_waits(owner: OwnKey) -> None:
    key, address = fresh()
    assert owner.proved().move(owner.struct(address), new=key).status_code == 201
    assert len(owner.waited().rounds()) == 1
    with owner.town.services.database.session() as session:
        mine = owner.town.city.world.mine
        assert ledger.owned(session, mine.address, mine.programme_id) == 1000
    refused(owner.town.pay(100), "wallet-moving")
    refused(owner.proved().move(owner.struct(fresh()[1], amount=0), new=key), "wallet-moving")


def test_it_needs_a_fresh_proof_which_the_signer_asks_for_too(owner: OwnKey) -> None:
    key, address = fresh()
    refused(owner.move(owner.struct(address), new=key), "step-up-needed")
    struct = owner.struct(address)
    token = owner.town.city.tokens["citizen"]
    signer = owner.town.city.world.signer.for_session(token)
    signature = typed.sign(typed.digest(DOMAIN, struct), key)
    refusal = code(lambda: signer.announce_move(uuid7(), struct, signature, None))
    assert refusal == "step-up-needed"


def test_only_with_the_new_key_s_own_signature(owner: OwnKey) -> None:
    _, address = fresh()
    other = typed.new_key()
    answer = owner.proved().move(owner.struct(address), new=other)
    refused(answer, "move-signature-wrong", "receiver_signature")
    answer = owner.move(owner.struct(address))
    refused(answer, "move-signature-wrong", "receiver_signature")
    assert not owner.account()["moving"]


def test_neither_anothers_account_nor_another_amount_moves(owner: OwnKey) -> None:
    key, address = fresh()
    owner.proved()
    theirs = owner.town.city.world.other.address
    answer = owner.move(owner.struct(address, sender=theirs), new=key)
    refused(answer, "move-changed", "sender")
    answer = owner.move(owner.struct(theirs), new=key)
    refused(answer, "recovery-account-used", "receiver")


def test_sent_again_it_is_announced_once_and_moves_once(owner: OwnKey) -> None:
    key, address = fresh()
    struct = owner.proved().struct(address)
    first, again = owner.move(struct, new=key), owner.move(struct, new=key)
    assert first.get_json()["items"][0]["ready_at"] == again.get_json()["items"][0]["ready_at"]
    assert len(owner.town.letters(owner.town.email)) == 1
    other, elsewhere = fresh()
    refused(owner.move(owner.struct(elsewhere), new=other), "move-announced", "receiver")
    owner.waited()
    refused(owner.move(owner.struct(address, amount=999), new=key), "move-changed", "amount_cents")
    [made] = owner.move(struct, new=key).get_json()["items"]
    assert made["id"] == hexed(typed.digest(DOMAIN, struct))
    assert owner.move(struct, new=key).get_json()["items"] == [made]
    assert (len(owner.sent(made["id"])), owner.rounds()) == (1, [])
    owner.final(made["id"])
    refused(owner.move(struct, new=key), "move-changed", "sender")


def test_on_the_move_an_account_neither_closes_nor_comes_back_by_officers(owner: OwnKey) -> None:
    old = moved(owner)
    proposal = {
        "known_by": owner.town.email,
        "programme_id": owner.account()["programme_id"],
        "new_address": fresh()[1],
        "seen": "papers",
    }
    case = owner.town.city.post("officer", "/recoveries/devices", proposal, status=201)["id"]
    key, address = fresh()
    for _ in range(2):  # announced, then done
        assert owner.proved().move(owner.struct(address), new=key, old=old).status_code == 201
        owner.waited()
    refused(owner.town.city.call("citizen", "POST", "/me/closing", {}), "wallet-moving")
    proposal["new_address"] = fresh()[1]
    again = owner.town.city.call("officer", "POST", "/recoveries/devices", proposal)
    refused(again, "wallet-moving")
    path = f"/recoveries/{case}/confirmation"
    assert owner.town.refused("officer-2", path, {}) == "recovery-not-so-far", (
        "the owner has the key"
    )


def test_from_then_on_the_device_s_signature_alone_pays(owner: OwnKey) -> None:
    key = moved(owner)
    wrong = owner.pay(100, typed.new_key())
    refused(wrong, "order-signature-wrong", "signatures")
    refused(owner.town.pay(100), "order-signature-missing", "signatures")
    answer = owner.pay(100, key)
    assert (answer.status_code, answer.get_json()["state"]) == (200, "accepted")


def test_a_signature_for_one_payment_pays_no_other(owner: OwnKey) -> None:
    key, city = moved(owner), owner.town.city
    one, two = city.ask(100)["id"], city.ask(100)["id"]
    [order] = city.get("citizen", f"/payments/{one}/orders")["items"]
    [other] = city.get("citizen", f"/payments/{two}/orders")["items"]
    signed = hexed(typed.sign(bytes.fromhex(order["id"][2:]), key))
    for claimed in (order["id"], other["id"]):
        said = {"signatures": [{"order_id": claimed, "signature": signed}]}
        answer = city.call("citizen", "POST", f"/payments/{two}/acceptance", said)
        assert answer.get_json()["code"].startswith("order-signature-")


def test_no_server_spends_from_a_device(owner: OwnKey) -> None:
    """The web's whole means: a proved session's token, the right order, and rows that lie."""
    moved(owner)
    world, town = owner.town.city.world, owner.town
    order = world.order(payer=owner.account()["address"])
    signer = world.signer.for_session(owner.proved().town.city.tokens["citizen"])
    assert code(lambda: signer.sign_order(order)) == "signer-key-not-held"
    lie = update(Account).where(col(Account.address) == order.payer)
    with town.services.database.transaction() as session:
        session.execute(lie.values(wallet=WalletKind.CUSTODIAL))
    assert code(lambda: signer.sign_order(order)) == "signer-key-not-held"
    key, address = fresh()
    struct, which = owner.struct(address), uuid7()
    signer.announce_move(which, struct, typed.sign(typed.digest(DOMAIN, struct), key), None)
    told(world, struct, which)
    owner.waited()
    assert code(lambda: signer.sign_move(which, struct)) == "signer-key-not-held"


def test_from_one_device_to_the_next_by_the_old_key(owner: OwnKey) -> None:
    old = moved(owner)
    key, address = fresh()
    struct = owner.grown_old().struct(address)
    refused(owner.move(struct, new=key, old=old), "step-up-needed")
    refused(owner.proved().move(struct, new=key), "move-signature-wrong", "owner_signature")
    answer = owner.move(struct, new=key, old=key)
    refused(answer, "move-signature-wrong", "owner_signature")
    assert owner.move(struct, new=key, old=old).get_json()["items"][0]["id"] is None
    assert owner.waited().rounds() == [], "the old device signs for what is there then"
    answer = owner.move(struct, new=key, old=old)
    owner.final(answer.get_json()["items"][0]["id"])
    refused(owner.pay(50, old), "order-signature-wrong", "signatures")
    assert owner.pay(50, key).status_code == 200


def test_and_back_to_the_city_only_to_a_key_that_it_holds(owner: OwnKey) -> None:
    old = moved(owner)
    _, elsewhere = fresh()
    struct = owner.proved().struct(elsewhere)
    refused(owner.move(struct, old=old, wallet="custodial"), "signer-order-refused")
    kept = owner.town.city.post("citizen", "/me/wallet/addresses", status=201)["address"]
    answer = owner.move(owner.struct(kept), old=old, wallet="custodial")
    assert answer.status_code == 201, answer.get_data(as_text=True)
    owner.final(answer.get_json()["items"][0]["id"])
    assert owner.account()["wallet"] == "custodial"
    assert owner.town.pay(100).status_code == 200


def test_a_key_that_the_city_holds_is_no_device_s(owner: OwnKey) -> None:
    owner.proved()
    kept = owner.town.city.post("citizen", "/me/wallet/addresses", status=201)["address"]
    struct = owner.struct(kept)
    refused(owner.move(struct, new=KEY), "move-signature-wrong", "receiver_signature")
    refused(owner.move(struct, wallet="custodial"), "move-changed", "wallet")


def test_the_chain_s_no_leaves_everything_as_it_was(owner: OwnKey) -> None:
    key, address = fresh()
    assert owner.proved().move(owner.struct(address), new=key).status_code == 201
    [sent] = owner.sent(owner.waited().rounds()[0])
    with owner.town.services.database.transaction() as session:
        now = owner.town.services.clock.now(session)
        move_refused(session, sent, Reverted("ProgrammeIsClosed", {}), now)
    here = owner.account()
    assert (here["moving"], here["available_cents"]) == (False, 1000)
    assert owner.town.pay(100).status_code == 200


def test_what_the_city_holds_falls_by_what_the_device_keeps(owner: OwnKey) -> None:
    before = city_holds(owner)
    moved(owner)
    assert before - city_holds(owner) == 1000

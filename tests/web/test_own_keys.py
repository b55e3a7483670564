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
from app.identity import service as identity
from app.identity.blocks import block_of
from app.identity.models import Account, WalletKind
from app.recovery.moves import move_refused
from app.rewards import ledger
from app.services import Services
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
    [made] = owner.move(struct, new=key).get_json()["items"]
    assert made["id"] == hexed(typed.digest(DOMAIN, struct))
    [sent] = owner.sent(made["id"])
    for name, digest, who in (
        ("owner_signature", typed.digest(DOMAIN, struct), struct.sender),
        (
            "acceptor_signature",
            typed.acceptance_digest(DOMAIN, typed.digest(DOMAIN, struct)),
            owner.town.city.world.signer.address_of("acceptor"),
        ),
    ):
        assert typed.recover(digest, bytes.fromhex(sent.payload[name][2:])) == who
    waits = owner.account()
    assert (waits["address"], waits["moving"]) == (struct.sender, True)
    assert waits["on_its_way_cents"] == 1000
    owner.final(made["id"])
    now = owner.account()
    assert (now["address"], now["wallet"], now["available_cents"]) == (address, "device", 1000)


def test_in_the_meantime_the_balance_stands_and_a_payment_says_why_it_waits(owner: OwnKey) -> None:
    key, address = fresh()
    assert owner.proved().move(owner.struct(address), new=key).status_code == 201
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
    assert code(lambda: signer.sign_move(struct, signature)) == "step-up-needed"


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
    answer = owner.move(owner.struct(address, amount=999), new=key)
    refused(answer, "move-changed", "amount_cents")
    answer = owner.move(owner.struct(theirs), new=key)
    refused(answer, "recovery-account-used", "receiver")


def test_sent_again_it_moves_once(owner: OwnKey) -> None:
    key, address = fresh()
    struct = owner.proved().struct(address)
    first, again = owner.move(struct, new=key), owner.move(struct, new=key)
    assert first.get_json() == again.get_json()
    move_id = first.get_json()["items"][0]["id"]
    assert len(owner.sent(move_id)) == 1
    owner.final(move_id)
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
    assert owner.proved().move(owner.struct(address), new=key, old=old).status_code == 201
    refused(owner.town.city.call("citizen", "POST", "/me/closing", {}), "wallet-moving")
    proposal["new_address"] = fresh()[1]
    again = owner.town.city.call("officer", "POST", "/recoveries/devices", proposal)
    refused(again, "wallet-moving")
    path = f"/recoveries/{case}/confirmation"
    assert owner.town.refused("officer-2", path) == "recovery-not-so-far", "the owner has the key"


def test_nothing_moves_while_a_payment_is_on_its_way_or_the_wallet_is_blocked(
    owner: OwnKey,
) -> None:
    key, address = fresh()
    assert owner.town.pay(100).status_code == 200
    refused(owner.proved().move(owner.struct(address), new=key), "wallet-holds-open")
    signer = owner.town.city.world.signer
    assert (
        code(lambda: signer.for_session("").accept_move(owner.struct(address), "device"))
        == "signer-order-refused"
    )
    owner.town.city.post("citizen", "/me/wallet/block", status=201)
    refused(owner.move(owner.struct(address), new=key), "wallet-blocked")


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
    struct = owner.struct(address)
    own = typed.sign(typed.digest(DOMAIN, struct), key)
    assert code(lambda: signer.sign_move(struct, own)) == "signer-key-not-held"


def test_from_one_device_to_the_next_by_the_old_key(owner: OwnKey) -> None:
    old = moved(owner)
    key, address = fresh()
    struct = owner.grown_old().struct(address)
    refused(owner.move(struct, new=key, old=old), "step-up-needed")
    refused(owner.proved().move(struct, new=key), "move-signature-wrong", "owner_signature")
    answer = owner.move(struct, new=key, old=key)
    refused(answer, "move-signature-wrong", "owner_signature")
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
    answer = owner.proved().move(owner.struct(address), new=key)
    [sent] = owner.sent(answer.get_json()["items"][0]["id"])
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


def test_the_owner_is_told_with_a_link_that_blocks(owner: OwnKey) -> None:
    moved(owner)
    assert owner.town.press(owner.town.link(owner.town.email)) == 200
    with owner.town.services.database.session() as session:
        person = identity.person_by_email(session, owner.town.email)
        assert person is not None
        assert block_of(session, person.id, owner.town.services.clock.now(session)) is not None

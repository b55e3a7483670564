"""A dishonest shop with its own till's records and the whole chain, and a validator with the chain
alone: what stands in the impact assessment (docs/privacy/README.md) is what they learn, neither
less nor more."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.actions.models import Action
from app.chain import typed
from app.impact.leaf import leaf_hash
from app.privacy.service import salt_for
from app.rewards.batches.leaves import leaf_of
from app.rewards.models import Batch, Programme
from tests.support.accounts_on_chain import accepted, call, desk, fields
from tests.support.chain_world import World
from tests.support.public_side import PublicSide

TRANSFER = "0x" + typed.keccak(b"Transfer(address,address,uint256)").hex()


@dataclass
class Town:
    """One person with an account in each of two programmes, who buys at two shops."""

    world: World
    first: Programme
    second: Programme
    mine: bytes
    other: bytes
    till: list[tuple[int, int]]  # of the dishonest shop: block time, cents
    shop: str
    elsewhere: str


@pytest.fixture(scope="module")
def town(side: PublicSide) -> Town:
    world = side.world
    first, second = world.programme(), world.programme()
    mine, other = typed.new_key(), typed.new_key()
    for programme, key in ((first, mine), (second, other)):
        people = [*world.citizens(6), (world.citizens(1)[0][0], typed.address_of(key))]
        side.deeds(programme, people, "glass-recycling")
    shop, elsewhere = (typed.address_of(typed.new_key()) for _ in range(2))
    for payee in (shop, elsewhere):
        call(world, "registrar", "Payees", "register", payee)
    till = [_buys(world, first, mine, shop, 40)]
    _buys(world, first, mine, elsewhere, 25)
    _buys(world, second, other, elsewhere, 30)
    return Town(world, first, second, mine, other, till, shop, elsewhere)


def _buys(
    world: World, programme: Programme, key: bytes, payee: str, cents: int
) -> tuple[int, int]:
    """What the till notes: when, and how much."""
    nonce = typed.keccak(payee.encode() + cents.to_bytes(4, "big"))
    payer = typed.address_of(key)
    order = typed.Order(nonce, programme.chain_id, payer, payee, cents, 2**40)
    order_id = typed.digest(desk(world), order)
    call(
        world, "settler", "PaymentDesk", "settle",
        [fields(order)], [typed.sign(order_id, key)], [accepted(world, order_id)],
    )  # fmt: skip
    latest = world.node.rpc("eth_getBlockByNumber", "latest", False)
    return int(latest["timestamp"], 16), cents


def _transfers(world: World) -> list[dict[str, Any]]:
    """As a member's own node gives them."""
    wanted = {"fromBlock": "0x0", "toBlock": "latest", "topics": [TRANSFER]}
    logs = world.node.rpc("eth_getLogs", wanted)
    return [
        {
            "token": log["address"],
            "from": typed.checksum("0x" + log["topics"][1][-40:]),
            "to": typed.checksum("0x" + log["topics"][2][-40:]),
            "cents": int(log["data"], 16),
            "at": _time(world, log["blockNumber"]),
        }
        for log in logs
    ]


def _time(world: World, block: str) -> int:
    return int(world.node.rpc("eth_getBlockByNumber", block, False)["timestamp"], 16)


def test_its_records_name_the_payers_address_and_all_that_it_did_there(town: Town) -> None:
    seen = _transfers(town.world)
    [(at, cents)] = town.till
    [found] = [t for t in seen if t["to"] == town.shop and (t["at"], t["cents"]) == (at, cents)]
    assert found["from"] == typed.address_of(town.mine)
    theirs = [t for t in seen if found["from"] in (t["from"], t["to"])]
    assert {(t["to"], t["cents"]) for t in theirs if t["from"] == found["from"]} == {
        (town.shop, 40), (town.elsewhere, 25),
    }  # fmt: skip
    assert any(t["to"] == found["from"] for t in theirs), "what was credited, and when"


def test_nothing_leads_to_the_same_persons_other_account(town: Town) -> None:
    """No call or event has both addresses, and they share no token."""
    mine, other = (typed.address_of(key)[2:].lower() for key in (town.mine, town.other))
    latest = int(town.world.node.rpc("eth_blockNumber"), 16)
    together = 0
    for number in range(latest + 1):
        block = town.world.node.rpc("eth_getBlockByNumber", hex(number), True)
        for transaction in block["transactions"]:
            receipt = town.world.node.rpc("eth_getTransactionReceipt", transaction["hash"])
            said = (transaction["input"] + str(receipt["logs"])).lower()
            together += mine in said and other in said
    assert together == 0
    tokens = {t["token"] for t in _transfers(town.world) if t["from"][2:].lower() == mine}
    others = {t["token"] for t in _transfers(town.world) if t["from"][2:].lower() == other}
    assert len(tokens) == len(others) == 1
    assert tokens.isdisjoint(others)


def _all_that_stands_there(world: World) -> str:
    """Every block, call, argument and event, as a validator has them."""
    said = []
    for number in range(int(world.node.rpc("eth_blockNumber"), 16) + 1):
        block = world.node.rpc("eth_getBlockByNumber", hex(number), True)
        hashes = [one["hash"] for one in block["transactions"]]
        receipts = [world.node.rpc("eth_getTransactionReceipt", one) for one in hashes]
        said.append(json.dumps([block, receipts]))
    return "".join(said).lower()


def test_a_validator_rebuilds_each_address_s_earnings_and_payments(town: Town) -> None:
    """At all shops at once, each by programme; to the cent and the block."""
    seen = _transfers(town.world)
    earned, mint = defaultdict[tuple[str, str], int](int), "0x" + "0" * 40
    for one in seen:
        if one["from"] == mint and one["to"] not in (town.shop, town.elsewhere):
            earned[one["token"].lower(), one["to"]] += one["cents"]
    with town.world.services.database.session() as session:
        tokens = {one.id: one.token_address or "" for one in (town.first, town.second)}
        known = defaultdict[tuple[str, str], int](int)
        for deed in session.scalars(select(Action)):
            known[tokens[deed.programme_id].lower(), deed.account_address] += deed.reward_cents
    assert earned.items() >= known.items()
    assert len(known) == 14
    paid = {
        (t["from"], t["to"], t["cents"]) for t in seen if t["to"] in (town.shop, town.elsewhere)
    }
    mine, other = (typed.address_of(key) for key in (town.mine, town.other))
    assert paid == {(mine, town.shop, 40), (mine, town.elsewhere, 25), (other, town.elsewhere, 30)}


def test_a_validator_finds_nobody_and_can_t_confirm_a_deed_that_it_guesses(town: Town) -> None:
    """No number of a person or a deed stands there; of a batch its root alone, over salted leaves:
    who guesses all of a deed right lacks the salt, and even its leaf is not to be seen."""
    said = _all_that_stands_there(town.world)
    with town.world.services.database.session() as session:
        deeds = session.scalars(select(Action)).all()
        assert deeds
        for deed in deeds:
            salt = salt_for(session, deed.person_id, deed.id)
            leaf = leaf_of(deed, salt)
            assert leaf_hash(leaf) == deed.leaf
            assert leaf_hash(replace(leaf, salt=bytes(32))) != deed.leaf
            hidden = [deed.person_id.hex, deed.id.hex, salt.hex(), leaf_hash(leaf).hex()]
            assert [one for one in hidden if one in said] == []
            assert deed.account_address[2:].lower() in said, "what is searched is the whole"
        batches = {batch.root.hex() for batch in session.scalars(select(Batch)) if batch.root}
    assert batches
    assert all(root in said for root in batches)


def test_the_public_gateway_gives_it_nothing(side: PublicSide, town: Town) -> None:
    """The same question there is refused."""
    asked = {"fromBlock": "0x0", "toBlock": "latest", "topics": [TRANSFER]}
    body = {"jsonrpc": "2.0", "id": 1, "method": "eth_getLogs", "params": [asked]}
    answer = httpx.post(side.gateway, json=body, timeout=30).json()
    assert typed.address_of(town.mine)[2:].lower() not in str(answer).lower()
    assert "error" in answer

"""Orders and refunds on a real desk: what Python signs is what the contracts read."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.chain import typed
from app.chain.contracts.codec import decode_answer, encode_call
from app.outbox.models import OutboxItem
from app.rewards.models import LedgerEntry, Programme
from app.rewards.money import ledger
from tests.support.chain_world import World
from tests.support.desk_orders import (
    PAYEE,
    accounts_with_100_cents,
    announce_order,
    announce_refund,
    order_of,
    register_payee,
)


@pytest.fixture(scope="module")
def programme(world: World) -> Programme:
    made = world.programme()
    register_payee(world)
    return made


@pytest.fixture(scope="module")
def payers(world: World, programme: Programme) -> list[bytes]:
    """Keys of three accounts with 100 cents each."""
    return accounts_with_100_cents(world, programme, 3)


def domain(world: World, name: str, contract: str) -> typed.Domain:
    address, client = world.edge.addresses[contract], world.edge.client
    return typed.Domain(name, client.chain_id, address, client.genesis_hash)


@pytest.mark.parametrize(
    ("contract", "view", "struct"),
    [
        (
            "PaymentDesk",
            "hashOrder",
            typed.Order(b"\1" * 32, b"\2" * 32, typed.address_of(PAYEE), "0x" + "1" * 40, 5, 9),
        ),
        ("PaymentDesk", "hashAcceptance", typed.Acceptance(b"\3" * 32)),
        (
            "PaymentDesk",
            "hashRefund",
            typed.Refund(b"\1" * 32, typed.address_of(PAYEE), 7, b"\4" * 32),
        ),
        (
            "PaymentDesk",
            "hashGiveBack",
            typed.GiveBack(b"\2" * 32, typed.address_of(PAYEE), 7, b"\4" * 32),
        ),
        (
            "Attesters",
            "hashAttestation",
            typed.Attestation(
                b"\2" * 32,
                typed.address_of(PAYEE),
                b"\6" * 32,
                7,
                2,
                12_500,
                1_790_000_000,
                b"\7" * 32,
            ),
        ),
        (
            "Attesters",
            "hashKeyCertificate",
            typed.KeyCertificate(typed.address_of(PAYEE), "0x" + "1" * 40, b"\x08" * 32, 1, 2),
        ),
        (
            "Attesters",
            "hashImportStatement",
            typed.ImportStatement(typed.address_of(PAYEE), b"\x09" * 32, 4000, 1_790_000_000),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_digests_are_those_of_the_contracts(
    world: World, contract: str, view: str, struct: typed.Struct
) -> None:
    name = typed.DESK if contract == "PaymentDesk" else typed.ATTESTERS
    values = tuple(vars(struct).values())
    argument = values[0] if isinstance(struct, typed.Acceptance) else values
    data = encode_call(contract, view, [argument])
    answer = world.edge.client.read(world.edge.addresses[contract], data)
    digest = typed.digest(domain(world, name, contract), struct)
    assert decode_answer(contract, view, answer) == "0x" + digest.hex()


def test_orders_go_out_together_and_a_refund_after_them(
    world: World, programme: Programme, payers: list[bytes]
) -> None:
    orders = [order_of(programme, key, 40 + number) for number, key in enumerate(payers)]
    before = len(world.transactions())
    with world.transaction() as (session, now):
        ids = [
            announce_order(session, world, order, key, now)
            for order, key in zip(orders, payers, strict=True)
        ]
        refund = typed.Refund(ids[0], typed.address_of(PAYEE), 15, b"\x0a" * 32)
        refund_id = announce_refund(session, world, refund, orders[0], now)
    world.settle()
    assert len(world.transactions()) == before + 2, "all orders in one call, the refund after"
    payee = typed.address_of(PAYEE)
    with world.services.database.session() as session:
        left = [ledger.final_balance(session, typed.address_of(key)) for key in payers]
        taken = ledger.final_balance(session, payee, programme.id)
        query = select(LedgerEntry).where(col(LedgerEntry.reference) == refund_id)
        sides = {entry.address: entry.amount_cents for entry in session.scalars(query)}
    assert left == [100 - 40 + 15, 100 - 41, 100 - 42]
    assert taken == 40 + 41 + 42 - 15
    assert sides == {payee: -15, orders[0].payer: 15}


def test_an_order_that_cannot_execute_does_not_stop_the_others(
    world: World, programme: Programme, payers: list[bytes]
) -> None:
    too_much, fine = order_of(programme, payers[0], 5000), order_of(programme, payers[1], 1)
    with world.transaction() as (session, now):
        held = announce_order(session, world, too_much, payers[0], now)
        announce_order(session, world, fine, payers[1], now)
    with world.services.database.session() as session:
        before = ledger.final_balance(session, fine.payer)
    world.settle()
    with world.services.database.session() as session:
        assert ledger.final_balance(session, fine.payer) == before - 1
        assert ledger.final_balance(session, too_much.payer) < 5000
        refused = select(OutboxItem).where(col(OutboxItem.last_error).is_not(None))
        assert [item.key for item in session.scalars(refused)] == [held.hex()]


def test_available_is_balance_less_holds_and_a_hold_never_exceeds_it(
    world: World, programme: Programme, payers: list[bytes]
) -> None:
    address = typed.address_of(payers[2])
    with world.transaction() as (session, now):
        free = ledger.lock_account(session, address, programme.id)
        common: dict[str, Any] = {"address": address, "programme_id": programme.id}
        made = ledger.hold(
            session, **common, reason="payment", amount_cents=free, reference=b"\x0b" * 32, now=now
        )
        assert ledger.available(session, address) == 0
        with pytest.raises(ledger.InsufficientBalance):
            ledger.hold(
                session, **common, reason="payment", amount_cents=1, reference=b"\x0c" * 32, now=now
            )
        for is_open in (True, False):
            ended = ledger.end_hold(
                session, address=address, reason="payment", reference=made.reference, now=now
            )
            assert ended is is_open
        assert ledger.available(session, address, programme.id) == free

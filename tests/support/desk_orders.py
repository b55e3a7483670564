"""Orders and refunds for a desk on a real chain, signed by all who must, on their way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.chain import typed
from app.outbox.service import enqueue
from app.rewards.models import Programme
from tests.support.chain_world import World

PAYEE = b"\x77" * 32  # the key of a payee


def desk_domain(world: World, desk: str | None = None) -> typed.Domain:
    """Of the desk at this address, or of the one in force."""
    address, client = desk or world.edge.addresses["PaymentDesk"], world.edge.client
    return typed.Domain(typed.DESK, client.chain_id, address, client.genesis_hash)


def register_payee(world: World) -> None:
    with world.transaction() as (session, now):
        payee = typed.address_of(PAYEE)
        enqueue(session, kind="register_payee", key=payee, payload={"payee": payee}, now=now)
    world.settle()


def accounts_with_100_cents(world: World, programme: Programme, number: int) -> list[bytes]:
    """Their keys."""
    keys = [typed.new_key() for _ in range(number)]
    people = [person for person, _ in world.citizens(number)]
    world.deeds(programme, list(zip(people, map(typed.address_of, keys), strict=True)))
    assert world.cut(programme) is not None
    world.settle()
    return keys


def order_of(programme: Programme, key: bytes, cents: int) -> typed.Order:
    payer, payee = typed.address_of(key), typed.address_of(PAYEE)
    return typed.Order(typed.new_key(), programme.chain_id, payer, payee, cents, 2**40)


def announce_order(
    session: Session, world: World, order: typed.Order, key: bytes, now: datetime
) -> bytes:
    """For the desk in force; the order's id."""
    digest = typed.order_digest(desk_domain(world), order)
    values: dict[str, object] = {"order": vars(order), "payer_signature": typed.sign(digest, key)}
    values |= {"acceptor_signature": accepted(world, digest)}
    enqueue(session, kind="settle_orders", key=digest.hex(), payload=values, now=now)
    return digest


def announce_refund(
    session: Session,
    world: World,
    refund: typed.Refund,
    order: typed.Order,
    now: datetime,
    *,
    desk: str | None = None,
) -> bytes:
    """The refund's id."""
    digest = typed.refund_digest(desk_domain(world, desk), refund)
    values: dict[str, object] = {"refund": vars(refund), "order": vars(order)}
    values |= {"payee_signature": typed.sign(digest, PAYEE)}
    values |= {"acceptor_signature": accepted(world, digest, desk)}
    enqueue(session, kind="settle_refunds", key=digest.hex(), payload=values, now=now)
    return digest


def accept_orders(
    world: World, programme: Programme, keys: Sequence[bytes], cents: int
) -> list[tuple[bytes, typed.Order]]:
    """One for each account, on their way to the desk in force; id and order."""
    orders = [order_of(programme, key, cents) for key in keys]
    with world.transaction() as (session, now):
        return [
            (announce_order(session, world, order, key, now), order)
            for order, key in zip(orders, keys, strict=True)
        ]


def accepted(world: World, digest: bytes, desk: str | None = None) -> bytes:
    acceptance = typed.acceptance_digest(desk_domain(world, desk), digest)
    return typed.sign(acceptance, world.signer.keys["acceptor"])

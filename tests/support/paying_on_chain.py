"""People with accounts on a real chain who pay in real shops, by the use cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.models import ChainLog
from app.db import uuid7
from app.identity.models import Account, Person, WalletKind
from app.merchants import payments, refunds
from app.merchants.acceptance import accept_payment
from app.merchants.models import Merchant, PayeeState, PaymentOrder, Refund
from app.merchants.signing import Payer
from app.outbox.models import OutboxItem
from app.outbox.service import enqueue
from app.rewards.models import Programme
from tests.support.accounts_on_chain import desk
from tests.support.batches_under_way import hurry
from tests.support.chain_world import DEPTH, World
from tests.support.deeds_on_chain import by_timelock
from tests.support.shop import Keys, Shop


@dataclass
class Paying:
    """Everybody starts with 100 cents."""

    world: World
    programme: Programme
    keys: Keys = field(init=False)

    def __post_init__(self) -> None:
        self.keys = Keys(desk(self.world), self.world.signer.keys["acceptor"])

    def shop(self) -> Merchant:
        with self.world.transaction() as (session, now):
            made = Shop(session, now, self.keys).merchant(self.programme)
            made.state = PayeeState.PENDING  # the chain says the rest
        self.round()
        return made

    def people(self, number: int) -> list[tuple[Person, str]]:
        """Each with the address of their account."""
        found = [(person, self.keys.new_account()) for person, _ in self.world.citizens(number)]
        with self.world.transaction() as (session, now):
            for person, address in found:
                account = Account(person_id=person.id, programme_id=self.programme.id,
                    address=address, wallet=WalletKind.CUSTODIAL, created_at=now)  # fmt: skip
                session.add(account)
        self.credit(found)
        return found

    def credit(self, people: list[tuple[Person, str]], cents: int = 100) -> None:
        self.world.deeds(self.programme, people, cents=cents)
        assert self.world.cut(self.programme) is not None
        self.round()

    def pay(self, person: Person, shop: Merchant, cents: int) -> bytes:
        """The id of the order that was accepted."""
        with self.world.transaction() as (session, now):
            asked = payments.request_payment(
                session, merchant_id=shop.organisation_id, amount_cents=cents, label=None,
                by=None, now=now,
            )  # fmt: skip
            payer, where = Payer(person.id, uuid7()), Shop(session, now, self.keys).desk
            accept_payment(session, payer=payer, payment_id=asked.id, desk=where, now=now)
            return _order_of(session, asked.id)

    def give_back(self, shop: Merchant, order_id: bytes, cents: int) -> bytes:
        """The id of the refund."""
        with self.world.transaction() as (session, now):
            order = session.get_one(PaymentOrder, order_id)
            where = Shop(session, now, self.keys).desk
            asked = refunds.Asked(where, uuid7(), uuid7(), now)
            [made] = refunds.refund_payment(
                session, merchant_id=shop.organisation_id, payment_id=order.payment_id,
                amount_cents=cents, asked=asked,
            )  # fmt: skip
            return made.id

    def round(self) -> None:
        """What is due goes out and becomes final, as far as it does."""
        hurry(self.world)
        self.world.send()
        self.world.mine(DEPTH + 1)
        self.world.confirm()
        self.world.index()

    def row(self, promised: bytes) -> OutboxItem:
        with self.world.services.database.session() as session:
            query = select(OutboxItem).where(col(OutboxItem.key) == promised.hex())
            return session.scalars(query).one()

    def order(self, order_id: bytes) -> PaymentOrder:
        with self.world.services.database.session() as session:
            return session.get_one(PaymentOrder, order_id)

    def refund(self, refund_id: bytes) -> Refund:
        with self.world.services.database.session() as session:
            return session.get_one(Refund, refund_id)

    def executions(self, promised: bytes) -> int:
        """How often the chain says that it did it."""
        name = "0x" + promised.hex()
        with self.world.services.database.session() as session:
            did = col(ChainLog.event).in_(("OrderExecuted", "RefundExecuted"))
            logs = session.scalars(select(ChainLog).where(did)).all()
        return sum(log.topics[1] == name for log in logs)


CLOSED, OPEN = 3, 1  # a payee's states
PAY = 2  # the bit of IProgrammes.MoverKind


def set_desk_right(world: World, *, granted: bool) -> None:
    """Take the desk's right to move tokens away, or give it back."""
    desk_in_force = world.edge.addresses["PaymentDesk"]
    by_timelock(world, "Programmes", "setMover", desk_in_force, PAY if granted else 0)


def set_state(world: World, shop: Merchant, number: int) -> None:
    """On the chain; our books haven't heard of it yet."""
    payload = {"payee": shop.address, "state": number}
    with world.transaction() as (session, now):
        enqueue(session, kind="set_payee_state", key=f"{shop.address}:{number}", payload=payload,
            now=now)  # fmt: skip
    world.send()
    world.mine()


def _order_of(session: Session, payment_id: UUID) -> bytes:
    query = select(col(PaymentOrder.id)).where(col(PaymentOrder.payment_id) == payment_id)
    return session.scalars(query).one()

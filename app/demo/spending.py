"""Simulated citizens at simulated tills: payments, refunds, and a pay-out to the bakery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.demo.city import SEED
from app.demo.made import FIRST_PERIOD
from app.demo.world import World
from app.identity import service as identity
from app.identity.models import WalletKind
from app.merchants.acceptance import accept_payment
from app.merchants.bank_files import confirm_file, make_bank_file
from app.merchants.models import (
    Merchant,
    OrderState,
    PayeeState,
    Payment,
    PaymentOrder,
    PayOut,
    PayOutState,
    Refund,
)
from app.merchants.pay_outs import close_period
from app.merchants.payments import request_payment, start_payment
from app.merchants.refunds import Asked, refund_payment
from app.merchants.signing import Payer
from app.merchants.wiring import city_account_of, desk_of
from app.rewards.money import ledger

PAYMENTS, REFUNDS = 40, 4
BREAD = (120, 95, 240, 310, 180, 450)  # cents
_ENOUGH = 60  # cents that a payer should have left over


@dataclass(frozen=True)
class Purchase:
    """Who pays how much where; a till's number, or the bakery's request when None."""

    payer: UUID
    cents: int
    till: str | None


def spend_once(world: World) -> None:
    """The first payments and refunds of the city."""
    world.wait("settling the first deeds", _settled)
    world.wait("registering the shops", _shops_open)
    with world.parts.database.session() as session:
        paid = session.scalar(select(func.count()).select_from(Payment)) or 0
    chance = Random(f"{SEED}:spending:{paid}")  # noqa: S311 - a simulation
    for _ in range(4 * PAYMENTS):  # who is drawn may have too little
        if paid >= PAYMENTS:
            break
        paid += pay_somewhere(world, chance) is not None
    _refund_some(world)


def pay_somewhere(world: World, chance: Random) -> UUID | None:
    """One simulated citizen pays at one till; None when the one drawn has too little."""
    with world.parts.database.session() as session:
        purchase = _draw(world, session, chance)
    return None if purchase is None else pay(world, purchase)


def pay(world: World, purchase: Purchase) -> UUID:
    """Asked for and accepted, as at a till. Raises Problem."""
    token = world.token(purchase.payer)
    with world.parts.database.transaction() as session:
        now = world.now(session)
        if purchase.till is None:
            payment = request_payment(
                session,
                merchant_id=world.organisation(session, world.city.shops[0].slug).id,
                amount_cents=purchase.cents,
                label="Pain",
                by=world.person(session, "baker"),
                now=now,
            )
        else:
            payment = start_payment(
                session,
                till_number=purchase.till,
                amount_cents=purchase.cents,
                payer_id=purchase.payer,
                now=now,
            )
        found = identity.find_session(session, token, now)
        if found is None:
            raise LookupError("a simulated session ended")
        payer = Payer(purchase.payer, found.id)
        accept_payment(
            session, payer=payer, payment_id=payment.id, desk=desk_of(world.parts, token), now=now
        )
        return payment.id


def refund(world: World, payment_id: UUID, cents: int) -> None:
    """The bakery gives back. Raises Problem."""
    with world.parts.database.session() as session:
        baker = world.person(session, "baker")
    token = world.token(baker)
    with world.parts.database.transaction() as session:
        now = world.now(session)
        found = identity.find_session(session, token, now)
        if found is None:
            raise LookupError("a simulated session ended")
        refund_payment(
            session,
            merchant_id=world.organisation(session, world.city.shops[0].slug).id,
            payment_id=payment_id,
            amount_cents=cents,
            asked=Asked(desk_of(world.parts, token), baker, found.id, now),
        )


def pay_out_once(world: World) -> None:
    """The bakery's first period is closed, burned, transferred and confirmed."""
    with world.parts.database.session() as session:
        begun = session.scalar(select(PayOut).where(col(PayOut.period) == FIRST_PERIOD))
    if begun is not None:
        _walk_to_the_bank(world, begun)
        return
    world.wait("settling the payments", _orders_settled)
    pay_out(world, FIRST_PERIOD)


def pay_out(world: World, period: str) -> PayOut | None:
    """Closes a period of the bakery and walks it to the bank's confirmation."""
    with world.parts.database.transaction() as session:
        now = world.now(session)
        made = close_period(
            session,
            merchant_id=world.organisation(session, world.city.shops[0].slug).id,
            programme_id=world.programme(session).id,
            period=period,
            cut_off=now,
            now=now,
        )
    if made is not None:
        _walk_to_the_bank(world, made)
    return made


def _walk_to_the_bank(world: World, made: PayOut) -> None:
    """From wherever it stands."""
    world.wait("burning the pay-out", lambda s: s.get_one(PayOut, made.id).burned_at is not None)
    with world.parts.database.transaction() as session:
        if session.get_one(PayOut, made.id).state is PayOutState.BURNED:
            now = world.now(session)
            first, second = (world.person(session, f"treasurer-{n}") for n in (1, 2))
            debtor = city_account_of(world.parts)
            folder = world.parts.settings.kept.artefacts
            file = make_bank_file(session, debtor=debtor, folder=folder, by=first, now=now)
            confirm_file(session, file_id=file.id, by=second, now=now)


def _draw(world: World, session: Session, chance: Random) -> Purchase | None:
    """A visitor's own citizen spends only by hand, and so does whoever keeps the key."""
    programme = world.programme(session)
    citizen = chance.choice(world.city.citizens[1:])
    person = world.person(session, citizen.local)
    account = identity.find_account(session, person, programme.id)
    if account is None or account.wallet is WalletKind.DEVICE or _by_hand(world, session, person):
        return None
    free = ledger.available(session, account.address)
    cents = chance.choice(BREAD)
    if free < cents + _ENOUGH:
        return None
    shops = _open_shops(session)
    shop = shops[0] if chance.random() < 0.3 else chance.choice(shops)
    bakery = world.organisation(session, world.city.shops[0].slug).id
    at_bakery = shop.organisation_id == bakery
    return Purchase(person, cents, None if at_bakery else shop.till_number)


def _by_hand(world: World, session: Session, person: UUID) -> bool:
    """Whether somebody is signed in as this citizen in a browser."""
    sessions = identity.sessions_of(session, person, world.now(session))
    return any(one.kind == "browser" for one in sessions)


def _open_shops(session: Session) -> Sequence[Merchant]:
    query = select(Merchant).where(col(Merchant.state) == PayeeState.ACTIVE)
    return session.scalars(query.order_by(col(Merchant.created_at))).all()


def _shops_open(session: Session) -> bool:
    pending = select(func.count()).where(col(Merchant.state) == PayeeState.PENDING)
    return session.scalar(pending) == 0


def _settled(session: Session) -> bool:
    """Most of what is due has been settled: the rest waits for ten accounts."""
    counts = dict(
        session.execute(select(col(Action.state), func.count()).group_by(col(Action.state))).all()
    )
    waiting = counts.get(ActionState.AUTHENTICATED, 0) + counts.get(ActionState.BATCHED, 0)
    return counts.get(ActionState.SETTLED, 0) > 10 * waiting


def _orders_settled(session: Session) -> bool:
    waiting = select(func.count()).where(col(PaymentOrder.state) == OrderState.ACCEPTED)
    return session.scalar(waiting) == 0


def _refund_some(world: World) -> None:
    with world.parts.database.session() as session:
        refunds = session.scalar(select(func.count()).select_from(Refund)) or 0
        bakery = world.organisation(session, world.city.shops[0].slug).id
        refunded = select(col(Refund.payment_id))
        payments = session.scalars(
            select(Payment)
            .where(
                col(Payment.merchant_id) == bakery,
                col(Payment.accepted_at).is_not(None),
                col(Payment.id).not_in(refunded),
            )
            .order_by(col(Payment.id))
            .limit(max(0, REFUNDS - refunds))
        ).all()
    for number, payment in enumerate(payments):
        cents = payment.amount_cents if number % 2 else payment.amount_cents // 2
        refund(world, payment.id, cents)

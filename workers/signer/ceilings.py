"""How much the signer signs for a person: counted by itself, before each signature."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

import app.error_catalogue  # noqa: F401 - what a refusal says
from app.chain import typed
from app.errors import Problem
from app.identity.signer_models import SignedOrder
from workers.signer.checks import Asker
from workers.signer.limits import Limits
from workers.signer.mandates import Right

PAYMENT_WINDOW = timedelta(minutes=5)
DAY = timedelta(hours=24)


def count_order(
    session: Session,
    order_id: bytes,
    order: typed.Order,
    *,
    asker: Asker,
    limits: Limits,
    now: datetime,
    by_card: bool = False,
    mandate: Right | None = None,
) -> None:
    """Counts the order, once, against the ceilings of the person and of the account, since others
    say whose account it is; one order of either at a time.

    `mandate`: a representative orders it; `asker` names the account's owner then.
    """
    _take_turns(session, str(asker.person_id), order.payer)
    if session.get(SignedOrder, order_id) is not None:
        return
    if mandate is not None:
        _check_mandate_ceiling(session, order, mandate, now=now)
    _check_ceilings(session, order, asker=asker, limits=limits, now=now)
    if by_card:
        _check_card_ceilings(session, order, asker.person_id, limits=limits, now=now)
    row = _row(order_id, order, asker.person_id, now=now, by_card=by_card)
    row.mandate_id = None if mandate is None else mandate.id
    session.add(row)


def count_gift(
    session: Session,
    order_id: bytes,
    order: typed.Order,
    *,
    person: UUID,
    limits: Limits,
    now: datetime,
) -> None:
    """The gift by card that closes an account: all that is left at once, so not within what a till
    may take; a ceiling of its own for all by card in 24 hours."""
    _take_turns(session, str(person), order.payer)
    if session.get(SignedOrder, order_id) is not None:
        return
    own = _own(order, person), col(SignedOrder.by_card).is_(True)
    if _signed(session, *own, since=now - DAY) + order.amount > limits.card_gift_cents:
        raise Problem("signer-card-gift-ceiling", ceiling_cents=limits.card_gift_cents)
    session.add(_row(order_id, order, person, now=now, by_card=True))


def _row(
    order_id: bytes, order: typed.Order, person: UUID, *, now: datetime, by_card: bool
) -> SignedOrder:
    return SignedOrder(
        id=order_id,
        person_id=person,
        payer_address=order.payer,
        payee_address=order.payee,
        amount_cents=order.amount,
        by_card=by_card,
        signed_at=now,
    )


def _take_turns(session: Session, *of: str) -> None:
    """Everywhere in this order: no deadlock."""
    for who in of:
        session.execute(
            text("select pg_advisory_xact_lock(hashtextextended(:who, 0))"), {"who": who}
        )


def _check_ceilings(
    session: Session, order: typed.Order, *, asker: Asker, limits: Limits, now: datetime
) -> None:
    own = _own(order, asker.person_id)
    to_shop = _to_shop(session, order, own, now=now)
    if to_shop > limits.payment_cents:
        raise Problem("signer-payment-ceiling", ceiling_cents=limits.payment_cents)
    if _signed(session, own, since=now - DAY) + order.amount > limits.day_cents:
        raise Problem("signer-day-ceiling", ceiling_cents=limits.day_cents)
    if to_shop > limits.step_up_cents and not asker.proved:
        raise Problem("step-up-needed")


def _check_card_ceilings(
    session: Session, order: typed.Order, person_id: UUID, *, limits: Limits, now: datetime
) -> None:
    """Of what was ordered by card alone."""
    own = _own(order, person_id), col(SignedOrder.by_card).is_(True)
    if _to_shop(session, order, *own, now=now) > limits.card_payment_cents:
        raise Problem("signer-card-payment-ceiling", ceiling_cents=limits.card_payment_cents)
    if _signed(session, *own, since=now - DAY) + order.amount > limits.card_day_cents:
        raise Problem("signer-card-day-ceiling", ceiling_cents=limits.card_day_cents)


def _check_mandate_ceiling(
    session: Session, order: typed.Order, mandate: Right, *, now: datetime
) -> None:
    """A mandate is of one owner, whose orders take turns already."""
    under = col(SignedOrder.mandate_id) == mandate.id
    if _signed(session, under, since=now - DAY) + order.amount > mandate.day_cents:
        raise Problem("mandate-ceiling", ceiling_cents=mandate.day_cents)


def _own(order: typed.Order, person_id: UUID) -> ColumnElement[bool]:
    return or_(
        col(SignedOrder.person_id) == person_id, col(SignedOrder.payer_address) == order.payer
    )


def _to_shop(
    session: Session, order: typed.Order, *which: ColumnElement[bool], now: datetime
) -> int:
    """With this order, in five minutes."""
    shop = col(SignedOrder.payee_address) == order.payee
    return _signed(session, *which, shop, since=now - PAYMENT_WINDOW) + order.amount


def _signed(session: Session, *which: ColumnElement[bool], since: datetime) -> int:
    total = select(func.coalesce(func.sum(col(SignedOrder.amount_cents)), 0)).where(
        *which, col(SignedOrder.signed_at) > since
    )
    return int(session.scalar(total) or 0)

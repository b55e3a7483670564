"""A till charges a card: the holder types the PIN on the till's device, the signer checks both.

A till is told amount and what is left, at this moment and with the right PIN alone. Callers commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import NotFound, Problem
from app.identity.accounts import accounts_of
from app.identity.cards.models import Card, CardState
from app.identity.cards.service import card_of_number, check_live
from app.identity.tries import count_try, take_turns, tries
from app.merchants.acceptance import accept_payment
from app.merchants.payment_models import Payment
from app.merchants.payments import payment_of
from app.merchants.signing import ByCard, Desk, Payer
from app.rewards.money.ledger import available

WINDOW = 600
WRONG_PER_TILL = 20


@dataclass(frozen=True)
class Charge:
    """`holder_id` and what they have left; None where it was charged before."""

    payment: Payment
    balance_cents: int | None
    holder_id: UUID | None = None


def charge_card(
    session: Session,
    *,
    merchant_id: UUID,
    payment_id: UUID,
    card: ByCard,
    desk: Desk,
    now: datetime,
) -> Charge:
    """Pays the shop's own open request. Charged again it answers the same and pays once.

    A shop's charges take turns, so that tries at once are counted one by one. Raises Problem; a
    wrong card or PIN counts against the till, whatever the card.
    """
    _check_tries(session, merchant_id, now)
    found = _card(session, merchant_id, card, now)
    payment = payment_of(session, payment_id)
    if payment.merchant_id != merchant_id:
        raise NotFound("payment-unknown")
    before, payer = payment.accepted_at, Payer(found.person_id, card)
    try:
        paid = accept_payment(session, payer=payer, payment_id=payment_id, desk=desk, now=now)
    except Problem as problem:
        if problem.code == "card-or-pin-wrong":
            raise _wrong(session, merchant_id, now) from problem
        if problem.code == "wallet-blocked":  # somebody is alive (app.rights.deaths): that stays
            found.refused_at, problem.keep = now, True
        raise
    fresh = before is None and paid.contestable_until is not None
    if not fresh:
        return Charge(paid, None)
    return Charge(paid, _left(session, found.person_id), found.person_id)


def _card(session: Session, merchant_id: UUID, card: ByCard, now: datetime) -> Card:
    found = card_of_number(session, card.number)
    if found is None:
        raise _wrong(session, merchant_id, now)
    check_live(found)
    if found.state is not CardState.ACTIVE:
        raise Problem("card-not-active", field="card_number")
    return found


def _left(session: Session, person_id: UUID) -> int:
    return sum(
        available(session, account.address, account.programme_id)
        for account in accounts_of(session, person_id)
    )


def _check_tries(session: Session, merchant_id: UUID, now: datetime) -> None:
    take_turns(session, "card-till", merchant_id.bytes)
    if tries(session, "card-till", merchant_id.bytes, WINDOW, now) >= WRONG_PER_TILL:
        raise Problem("card-too-many-tries", keep=True)


def _wrong(session: Session, merchant_id: UUID, now: datetime) -> Problem:
    count_try(session, "card-till", merchant_id.bytes, WINDOW, now)
    return Problem("card-or-pin-wrong", field="pin", keep=True)

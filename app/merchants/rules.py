"""What a payment, a refund and a pay-out may be: pure decisions on amounts, dates and states.

Amounts are positive integers in cents. Each `check_…` raises the one problem it is named for;
the use cases list them in order, so that they read as policy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.errors import Problem
from app.merchants.models import PayeeState, PaymentState
from app.merchants.problems import too_little, too_much_back
from app.money import Euros

MAX_PARTS = 8
REQUEST_LIFE = timedelta(minutes=5)
MAX_PAYMENT_CENTS = 100_000_000
MAX_LABEL = 80
SHORT_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that reads as something else
SHORT_CODE_LENGTH = 6
_BASIS = 10_000


@dataclass(frozen=True)
class Purse:
    """One account of a payer, and what of it can be spent at this payee now."""

    programme_id: UUID
    programme_chain_id: bytes
    address: str
    on_device: bool
    last_day_to_spend: date
    taken_here: bool
    closed: bool
    available_cents: int
    moving_cents: int = 0  # on its way to the account that takes this one's place


@dataclass(frozen=True)
class Part:
    """What one account pays of a payment."""

    purse: Purse
    amount_cents: int


@dataclass(frozen=True)
class PaidPart:
    """An order that can be refunded: `room` is what the payee can give back of it now."""

    order_id: bytes
    position: int
    remaining_cents: int
    room_cents: int


def check_payee_receives(state: PayeeState) -> None:
    """A closing payee receives only what was accepted before."""
    if state is not PayeeState.ACTIVE:
        raise Problem("payee-not-active")


def check_amount(amount_cents: int, *, field: str = "amount_cents") -> None:
    if amount_cents <= 0:
        raise Problem("amount-not-positive", field=field)
    if amount_cents > MAX_PAYMENT_CENTS:
        raise Problem("amount-too-large", field=field, most=Euros(MAX_PAYMENT_CENTS))


def check_label(label: str | None) -> None:
    if label is not None and len(label) > MAX_LABEL:
        raise Problem("label-too-long", field="label", most=MAX_LABEL)


def state_at(state: PaymentState, expires_at: datetime, now: datetime) -> PaymentState:
    """A request that ran out is expired, whether or not the sweep has been by."""
    if state is PaymentState.REQUESTED and now >= expires_at:
        return PaymentState.EXPIRED
    return state


def check_acceptable(state: PaymentState) -> None:
    """`state` as of now (`state_at`)."""
    if state is PaymentState.EXPIRED:
        raise Problem("payment-expired")
    if state is PaymentState.DECLINED:
        raise Problem("payment-declined")
    if state is not PaymentState.REQUESTED:
        raise Problem("payment-taken")


def check_payer(payer_id: UUID | None, person_id: UUID) -> None:
    """Once somebody started or accepted a payment it is theirs; nobody else learns anything."""
    if payer_id is not None and payer_id != person_id:
        raise Problem("payment-taken")


def check_not_own_till(merchant_id: UUID, tills: Collection[UUID | None]) -> None:
    """Tokens are earned to be spent: at one's own till they would turn into euros."""
    if merchant_id in tills:
        raise Problem("payment-own-till")


def split(amount_cents: int, purses: Sequence[Purse]) -> list[Part]:
    """One to eight parts, soonest last day first. Raises what the payer can do something about.

    Where the eight soonest don't suffice, the eight fullest do if any do.
    """
    if _comes_short_by_a_move(amount_cents, purses):
        raise Problem("wallet-moving")
    filled = sorted(
        (purse for purse in purses if purse.available_cents > 0),
        key=lambda purse: (purse.last_day_to_spend, purse.programme_id),
    )
    usable = [purse for purse in filled if purse.taken_here and not purse.closed]
    if _total(usable) < amount_cents:
        raise _why_not_enough(amount_cents, filled)
    chosen = usable[:MAX_PARTS]
    if _total(chosen) < amount_cents:
        fullest = sorted(usable, key=lambda purse: -purse.available_cents)[:MAX_PARTS]
        chosen = [purse for purse in usable if purse in fullest]
    if _total(chosen) < amount_cents:
        raise too_little("too-many-parts", _total(chosen))
    return _take(amount_cents, chosen)


def _comes_short_by_a_move(amount_cents: int, purses: Sequence[Purse]) -> bool:
    """Too little is free, and with what changes its place it would be enough."""
    usable = [purse for purse in purses if purse.taken_here and not purse.closed]
    free = _total(usable)
    return free < amount_cents <= free + sum(purse.moving_cents for purse in usable)


def _take(amount_cents: int, purses: Sequence[Purse]) -> list[Part]:
    parts: list[Part] = []
    missing = amount_cents
    for purse in purses:
        taken = min(missing, purse.available_cents)
        if taken:
            parts.append(Part(purse, taken))
        missing -= taken
    return parts


def _why_not_enough(amount_cents: int, filled: Sequence[Purse]) -> Problem:
    here = [purse for purse in filled if purse.taken_here]
    usable = _total([purse for purse in here if not purse.closed])
    if _total(here) >= amount_cents:
        return too_little("programme-closed", usable)
    if _total([purse for purse in filled if not purse.closed]) >= amount_cents:
        return too_little("tokens-not-taken-here", usable)
    return too_little("balance-too-low", usable)


def _total(purses: Iterable[Purse]) -> int:
    return sum(purse.available_cents for purse in purses)


def allocate_refund(amount_cents: int, parts: Iterable[PaidPart]) -> list[tuple[bytes, int]]:
    """(order id, cents) in reverse order of paying; never more than was paid less earlier refunds.

    A part that the payee can't give back in full now is refused, never passed over.
    """
    backwards = sorted(parts, key=lambda part: -part.position)
    refundable = sum(part.remaining_cents for part in backwards)
    if amount_cents > refundable:
        raise too_much_back("refund-too-large", refundable)
    taken: list[tuple[bytes, int]] = []
    missing = amount_cents
    for part in backwards:
        cents = min(missing, part.remaining_cents)
        if cents > part.room_cents:
            raise too_much_back("payee-balance-too-low", amount_cents - missing + part.room_cents)
        if cents:
            taken.append((part.order_id, cents))
        missing -= cents
    return taken


def fee(amount_cents: int, basis_points: int) -> int:
    """The published fee on an amount, rounded down: a doubt is the merchant's."""
    return amount_cents * basis_points // _BASIS


def refund_fee(order_cents: int, refunded_before: int, refund_cents: int, basis_points: int) -> int:
    """What a refund gives back of the fee (zero or negative).

    After any sequence of refunds the fees of an order add up to the fee on what is left of it.
    """
    before = order_cents - refunded_before
    return fee(before - refund_cents, basis_points) - fee(before, basis_points)

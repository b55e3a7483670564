"""Accounts that took another's place, in the ledger; and the order in which balances are locked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from app.chain.contracts.events import (
    CreditsMinted,
    Event,
    GivenBack,
    Handlers,
    OrderExecuted,
    PaidOut,
    RefundExecuted,
)
from app.chain.contracts.recovery_events import AccountMoved, Forwarded, RecoveryExecuted
from app.rewards.money.entries import lock_balances, moved, post


def lock_accounts(events: Sequence[Event], session: Session) -> None:
    """Lock every balance that these events move, in one order, before any other row.

    Whoever accepts a payment locks in the same order, so neither can wait for the other for ever.
    """
    touched = {account for event in events for account in _touched(event)}
    lock_balances(session, touched)


def _touched(event: Event) -> Iterable[tuple[str, bytes]]:
    match event:
        case CreditsMinted():
            return [(credit.address, event.programme_id) for credit in event.credits]
        case OrderExecuted() | RefundExecuted():
            accounts = [event.payer, event.payee]
        case PaidOut():
            accounts = [event.payee]
        case GivenBack():
            accounts = [event.holder]
        case RecoveryExecuted():
            accounts = [event.old_account, event.new_account]
        case AccountMoved() | Forwarded():
            accounts = [event.sender, event.to]
        case _:
            return []
    return [(account, event.programme_id) for account in accounts]


def _recovery_executed(event: RecoveryExecuted, session: Session) -> None:
    _move(session, event, (event.old_account, event.new_account), event.recovery_id)


def _account_moved(event: AccountMoved, session: Session) -> None:
    _move(session, event, (event.sender, event.to), event.move_id)


def _forwarded(event: Forwarded, session: Session) -> None:
    _move(session, event, (event.sender, event.to), event.forward_id)


def _move(
    session: Session,
    event: RecoveryExecuted | AccountMoved | Forwarded,
    way: tuple[str, str],
    reference: bytes,
) -> None:
    if event.amount == 0:
        return
    sides = moved(event.at, *way, event.amount)
    post(session, event, sides, kind="move", reference=reference)


HANDLERS: Handlers = {
    RecoveryExecuted: _recovery_executed,
    AccountMoved: _account_moved,
    Forwarded: _forwarded,
}

"""The ledger, from final chain events alone: nothing here knows our other books.

Negative entries lower an account; a balance is their sum. Keys are block hash and log index, times
are block times, nobody is named: told again from zero it is the same rows, byte for byte. Said
twice, an event's key refuses.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.contracts.events import (
    CreditsMinted,
    GivenBack,
    Handlers,
    OrderExecuted,
    PaidOut,
    ProgrammeClosed,
    RefundExecuted,
)
from app.chain.models import ChainLog
from app.rewards.models import Balance
from app.rewards.money.entries import moved, post


def credits_minted(event: CreditsMinted, session: Session) -> None:
    sides = [(credit.log_index, 1, credit.address, credit.amount) for credit in event.credits]
    post(session, event, sides, kind="credit", reference=event.batch_id)


def order_executed(event: OrderExecuted, session: Session) -> None:
    sides = moved(event.at, event.payer, event.payee, event.amount)
    post(session, event, sides, kind="payment", reference=event.order_id)


def refund_executed(event: RefundExecuted, session: Session) -> None:
    sides = moved(event.at, event.payee, event.payer, event.amount)
    post(session, event, sides, kind="refund", reference=event.refund_id)


def paid_out(event: PaidOut, session: Session) -> None:
    sides = [(event.at.log_index, 0, event.payee, -event.amount)]
    post(session, event, sides, kind="pay_out", reference=event.pay_out_reference)


def given_back(event: GivenBack, session: Session) -> None:
    sides = [(event.at.log_index, 0, event.holder, -event.amount)]
    post(session, event, sides, kind="give_back", reference=None)


def expired(event: ProgrammeClosed, session: Session) -> None:
    """What holders have left expires in one step; payees keep theirs until it is paid out."""
    payees = payees_known(session, event.at.block_number)
    holders = session.scalars(
        select(Balance)
        .where(
            col(Balance.programme_chain_id) == event.programme_id,
            col(Balance.final_cents) > 0,
        )
        .order_by(col(Balance.address).collate("C"))
    )
    at = event.at.log_index
    left = [(b.address, b.final_cents) for b in holders if b.address not in payees]
    # One log, many accounts: the side numbers them.
    sides = [(at, number, address, -cents) for number, (address, cents) in enumerate(left)]
    post(session, event, sides, kind="expiry", reference=None)


def payees_known(session: Session, until_block: int) -> set[str]:
    """Addresses that were enrolled as payees by then; once one, always one."""
    query = select(col(ChainLog.arguments)).where(
        col(ChainLog.event) == "PayeeEnrolled", col(ChainLog.block_number) <= until_block
    )
    return {found["account"] for found in session.scalars(query) if found}


HANDLERS: Handlers = {
    CreditsMinted: credits_minted,
    OrderExecuted: order_executed,
    RefundExecuted: refund_executed,
    PaidOut: paid_out,
    GivenBack: given_back,
    ProgrammeClosed: expired,
}

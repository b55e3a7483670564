"""What this package does when the chain has made something final; told after the ledger."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.chain.contracts.events import (
    Handlers,
    OrderExecuted,
    PaidOut,
    PayeeStateChanged,
    RefundExecuted,
)
from app.merchants import settlement


def _order_executed(event: OrderExecuted, session: Session) -> None:
    settlement.order_executed(session, event.order_id, event.at.block_time)


def _refund_executed(event: RefundExecuted, session: Session) -> None:
    settlement.refund_executed(session, event)


def _paid_out(event: PaidOut, session: Session) -> None:
    settlement.paid_out(session, event.pay_out_reference, event.payee, event.at.block_time)


def _payee_state_changed(event: PayeeStateChanged, session: Session) -> None:
    settlement.payee_state_changed(session, event.payee, event.state)


HANDLERS: Handlers = {
    OrderExecuted: _order_executed,
    RefundExecuted: _refund_executed,
    PaidOut: _paid_out,
    PayeeStateChanged: _payee_state_changed,
}

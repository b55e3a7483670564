"""Payments and refunds that a restored database doesn't know, written again.

Whose account paid is looked up in the books: a payer whose account was made after the last archived
log can't be named, and their payment is told to the operator instead. A hold is made where the
chain has not executed the order yet; what it did execute, the indexer writes into the ledger.
Amounts in cents.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.edge import About
from app.chain.sending.restored_rows import Again, Came, Unmatched
from app.identity.models import Account
from app.merchants.lost_refunds import UNSIGNED
from app.merchants.models import (
    OrderState,
    Payment,
    PaymentOrder,
    PaymentState,
    Refund,
)
from app.outbox.models import OutboxItem
from app.rewards.models import Hold, Programme


def order_about(session: Session, item: OutboxItem) -> dict[str, Any]:
    """Nothing of an order that a restored database never learned of: its payer is unknown there."""
    order = session.get(PaymentOrder, bytes.fromhex(item.key))
    if order is None:
        return {}
    payment = session.get_one(Payment, order.payment_id)
    return {
        "payment": str(payment.id),
        "merchant": str(payment.merchant_id),
        "position": order.position,
        "short_code": payment.short_code,
        "amount_cents": payment.amount_cents,
        "fee_basis_points": payment.fee_basis_points,
        "created_at": payment.created_at.isoformat(),
        "expires_at": payment.expires_at.isoformat(),
        "accepted_at": _said(payment.accepted_at),
        "contestable_until": _said(payment.contestable_until),
        "operator_signed": order.operator_signed,
    }


def order_again(session: Session, came: Came) -> list[str]:
    order_id, said = bytes.fromhex(came.item.key), came.item.payload["order"]
    if session.get(PaymentOrder, order_id) is not None:
        return []
    programme = programme_of(session, said["programme_id"])
    payer = session.scalars(select(Account).where(col(Account.address) == said["payer"])).first()
    if payer is None or not came.about:
        what = f"{said['amount']} cents from an account that the books don't know"
        return [f"order 0x{came.item.key}: {what}, to {said['payee']}: pay them by hand"]
    payment = _payment(session, came, payer.person_id)
    row = PaymentOrder(
        id=order_id,
        payment_id=payment.id,
        position=came.about["position"],
        programme_id=programme.id,
        payer_address=said["payer"],
        payee_address=said["payee"],
        amount_cents=said["amount"],
        requested_until=datetime.fromtimestamp(said["requested_until"], UTC),
        payer_signature=_bytes(came.item.payload["payer_signature"]),
        acceptor_signature=_bytes(came.item.payload["acceptor_signature"]),
        operator_signed=came.about["operator_signed"],
        state=OrderState.ACCEPTED,
    )
    session.add(row)
    hold_again(session, came, (row.payer_address, programme, row.amount_cents, "payment"))
    return []


def _payment(session: Session, came: Came, payer_id: UUID) -> Payment:
    """Accepted, as it was; of several orders the first makes it."""
    about = came.about
    payment = session.get(Payment, UUID(about["payment"]), with_for_update=True)
    if payment is None:
        payment = Payment(
            id=UUID(about["payment"]),
            merchant_id=UUID(about["merchant"]),
            short_code=about["short_code"],
            amount_cents=about["amount_cents"],
            label=about.get("label"),  # in a slip, which is sealed
            state=PaymentState.REQUESTED,
            fee_basis_points=about["fee_basis_points"],
            created_at=datetime.fromisoformat(about["created_at"]),
            expires_at=datetime.fromisoformat(about["expires_at"]),
        )
        session.add(payment)
    if payment.accepted_at is None:
        payment.state, payment.payer_id, payment.reason_code = (
            PaymentState.ACCEPTED,
            payer_id,
            None,
        )
        payment.accepted_at = datetime.fromisoformat(about["accepted_at"])
        payment.contestable_until = _time(about["contestable_until"])
    session.flush()
    return payment


def refund_about(session: Session, item: OutboxItem) -> dict[str, Any]:
    refund = session.get(Refund, bytes.fromhex(item.key))
    if refund is None:  # of such an order
        return {}
    return {"payment": str(refund.payment_id), "created_at": refund.created_at.isoformat()}


def refund_again(session: Session, came: Came) -> list[str]:
    """One that the backup has, and whose row it hasn't, waited for its payment then: it is held as
    one that is new."""
    refund_id, said = bytes.fromhex(came.item.key), came.item.payload["refund"]
    known = session.get(Refund, refund_id)
    order = session.get(PaymentOrder, _bytes(said["order_id"]))
    if known is not None and order is not None:
        if known.payee_signature == UNSIGNED:
            _sign_again(known, came.item.payload)
        if came.new:
            _hold_refund(session, came, known, order)
        return []
    if order is None or not came.about:
        return [f"refund 0x{came.item.key}: {said['amount']} cents of an order that is lost"]
    row = Refund(
        id=refund_id,
        payment_id=order.payment_id,
        order_id=order.id,
        payee_address=said["payee"],
        amount_cents=said["amount"],
        nonce=_bytes(said["nonce"]),
        payee_signature=_bytes(came.item.payload["payee_signature"]),
        acceptor_signature=_bytes(came.item.payload["acceptor_signature"]),
        state=OrderState.ACCEPTED,
        created_at=datetime.fromisoformat(came.about["created_at"]),
    )
    session.add(row)
    _hold_refund(session, came, row, order)
    return []


def _sign_again(refund: Refund, payload: dict[str, Any]) -> None:
    """It was written down as the chain says, before its own row came back."""
    refund.nonce = _bytes(payload["refund"]["nonce"])
    refund.payee_signature = _bytes(payload["payee_signature"])
    refund.acceptor_signature = _bytes(payload["acceptor_signature"])


def _hold_refund(session: Session, came: Came, refund: Refund, order: PaymentOrder) -> None:
    programme = session.get_one(Programme, order.programme_id)
    hold_again(session, came, (refund.payee_address, programme, refund.amount_cents, "refund"))


def hold_again(session: Session, came: Came, what: tuple[str, Programme, int, str]) -> None:
    """Address, programme, cents, reason: what was promised stays promised until the chain did it;
    the ledger behind it may still be on its way."""
    session.flush()
    if came.executed:
        return
    address, programme, cents, reason = what
    session.add(
        Hold(
            address=address,
            programme_id=programme.id,
            amount_cents=cents,
            reason=reason,
            reference=bytes.fromhex(came.item.key),
            created_at=came.now,
        )
    )
    session.flush()


def programme_of(session: Session, chain_id: str) -> Programme:
    wanted = select(Programme).where(col(Programme.chain_id) == _bytes(chain_id))
    found = session.scalars(wanted).first()
    if found is None:
        raise Unmatched(f"the books don't know the programme {chain_id}")
    return found


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _said(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


ABOUT: Mapping[str, About] = {
    "settle_orders": order_about,
    "settle_refunds": refund_about,
}
AGAIN: Mapping[str, Again] = {
    "settle_orders": order_again,
    "settle_refunds": refund_again,
}

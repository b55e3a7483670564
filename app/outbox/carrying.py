"""By what a row is carried: its transaction's nonce and key, and whether that key is still ours to
sign with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem
from app.outbox.models import ChainTransaction, OutboxItem
from app.outbox.queue import UNFINISHED
from app.services import Services

EARLIER = (
    "An earlier key signed it, and only that key can fill its nonce: its bytes go out again each "
    "round. If no node ever takes them, put that key back, `civis outbox fill`, and change it "
    "again once the nonce is used."
)


def carrier(parts: Services, session: Session, item: OutboxItem) -> dict[str, Any] | None:
    """None for a row that nothing has carried yet."""
    row = session.get(ChainTransaction, item.transaction_id) if item.transaction_id else None
    if row is None:
        return None
    earlier = row.state in UNFINISHED and row.signer_address != _today(parts, session, row.signer)
    return {
        "state": row.state.value,
        "nonce": row.nonce,
        "address": row.signer_address,
        "signed_at": row.signed_at.isoformat(),
        "error": row.error or row.abandoned,
        "by_an_earlier_key": earlier,
    }


def carrier_line(carried: dict[str, Any] | None) -> str:
    if carried is None:
        return "No transaction has carried it yet."
    why = f": {carried['error']}" if carried["error"] else ""
    what = f"nonce {carried['nonce']} of {carried['address']}, signed {carried['signed_at']}"
    more = f". {EARLIER}" if carried["by_an_earlier_key"] else ""
    return f"Carried by {what}, {carried['state']}{why}{more}"


def _today(parts: Services, session: Session, signer: str) -> str | None:
    """The signer says so; where it can't be reached, whatever signed last."""
    try:
        return parts.signer.address_of(signer)
    except Problem:
        last = select(col(ChainTransaction.signer_address)).where(
            col(ChainTransaction.signer) == signer
        )
        return session.scalars(last.order_by(col(ChainTransaction.id).desc()).limit(1)).first()

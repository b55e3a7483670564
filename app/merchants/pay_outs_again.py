"""Pay-outs that a restored database doesn't know, written again with their lines.

What was paid out stays so: a line whose order is lost is kept for the order to come back to, or a
slip that is handed in would have it paid out a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.edge import About
from app.chain.sending.restored_rows import Again, Came, Unmatched
from app.merchants import again
from app.merchants.again import hold_again, programme_of
from app.merchants.models import (
    Merchant,
    PaymentOrder,
    PayOut,
    PayOutLine,
    PayOutState,
    Refund,
)
from app.merchants.pay_outs import pay_out_reference
from app.outbox.models import OutboxItem


def pay_out_about(session: Session, item: OutboxItem) -> dict[str, Any]:
    wanted = select(PayOut).where(col(PayOut.reference) == bytes.fromhex(item.key))
    pay_out = session.scalars(wanted).one()
    lines = select(PayOutLine).where(col(PayOutLine.pay_out_id) == pay_out.id)
    lines = lines.order_by(col(PayOutLine.id))
    return {
        "pay_out": str(pay_out.id),
        "merchant": str(pay_out.merchant_id),
        "period": pay_out.period,
        "cut_off": pay_out.cut_off.isoformat(),
        "fee_cents": pay_out.fee_cents,
        "created_at": pay_out.created_at.isoformat(),
        "lines": [_line_about(line) for line in session.scalars(lines)],
    }


def _line_about(line: PayOutLine) -> dict[str, Any]:
    return {
        "id": str(line.id),
        "kind": line.kind,
        "order": line.order_id.hex() if line.order_id else None,
        "refund": line.refund_id.hex() if line.refund_id else None,
        "corrects": str(line.corrects) if line.corrects else None,
        "amount_cents": line.amount_cents,
        "fee_cents": line.fee_cents,
    }


def pay_out_again(session: Session, came: Came) -> list[str]:
    """Raises Unmatched for a reference that is not its payee's, programme's and period's."""
    reference, about, payload = bytes.fromhex(came.item.key), came.about, came.item.payload
    known = select(PayOut).where(col(PayOut.reference) == reference)
    if session.scalars(known).first() is not None:
        return []
    programme = programme_of(session, payload["programme_id"])
    merchant = session.get(Merchant, UUID(about["merchant"]))
    derived = pay_out_reference(programme.chain_id, UUID(about["merchant"]), about["period"])
    if derived != reference or merchant is None or [merchant.address] != payload["payees"]:
        raise Unmatched(f"the pay-out 0x{came.item.key} is not the one that its list names")
    gross = int(payload["amounts"][0])
    row = PayOut(
        id=UUID(about["pay_out"]),
        merchant_id=merchant.organisation_id,
        programme_id=programme.id,
        period=about["period"],
        cut_off=datetime.fromisoformat(about["cut_off"]),
        reference=reference,
        gross_cents=gross,
        fee_cents=about["fee_cents"],
        net_cents=gross - about["fee_cents"],
        state=PayOutState.CLOSED,
        created_at=datetime.fromisoformat(about["created_at"]),
    )
    session.add(row)
    session.flush()
    _write_lines(session, row, about["lines"])
    hold_again(session, came, (merchant.address, programme, gross, "pay_out"))
    return [_lost(came.item.key, line) for line in row.lost_lines]


def lines_again(session: Session, order: PaymentOrder) -> None:
    """Of an order that came back, where a pay-out has paid it."""
    wanted = (
        select(PayOut)
        .join(Merchant, col(Merchant.organisation_id) == col(PayOut.merchant_id))
        .where(col(Merchant.address) == order.payee_address, col(PayOut.lost_lines) != [])
        .with_for_update(of=PayOut)
    )
    for pay_out in session.scalars(wanted).all():
        _write_lines(session, pay_out, pay_out.lost_lines)


def _write_lines(session: Session, pay_out: PayOut, lines: Sequence[dict[str, Any]]) -> None:
    made = [(said, _line(session, pay_out.id, said)) for said in lines]
    session.add_all(line for _, line in made if line is not None)
    pay_out.lost_lines = [said for said, line in made if line is None]
    session.flush()


def _lost(key: str, line: dict[str, Any]) -> str:
    if line["order"] is None:
        return f"pay-out 0x{key}: a line is lost"
    order = line["order"]
    return f"order 0x{order}: paid by the pay-out 0x{key}, not by hand, and its line is lost"


def _line(session: Session, pay_out_id: UUID, said: dict[str, Any]) -> PayOutLine | None:
    """None where the order or refund is gone."""
    order = bytes.fromhex(said["order"]) if said["order"] else None
    refund = bytes.fromhex(said["refund"]) if said["refund"] else None
    if order is not None and session.get(PaymentOrder, order) is None:
        return None
    if refund is not None and session.get(Refund, refund) is None:
        return None
    return PayOutLine(
        id=UUID(said["id"]),
        pay_out_id=pay_out_id,
        kind=said["kind"],
        order_id=order,
        refund_id=refund,
        corrects=UUID(said["corrects"]) if said["corrects"] else None,
        amount_cents=said["amount_cents"],
        fee_cents=said["fee_cents"],
        reason="restored" if said["kind"] == "contra" else None,
    )


ABOUT: Mapping[str, About] = {**again.ABOUT, "pay_out": pay_out_about}
AGAIN: Mapping[str, Again] = {**again.AGAIN, "pay_out": pay_out_again}

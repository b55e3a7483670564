"""Closing a period: what a merchant's settled orders came to, less refunds, is burned and owed.

Under the lock of the payee's balance row, available = lines not yet paid out + later orders, so a
pay-out never exceeds what is there. A period that comes to nothing or less stays open: its lines
go into the next one. Callers commit.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.db import uuid7
from app.errors import Problem
from app.merchants import lines
from app.merchants.contestable import kept_back_cents
from app.merchants.covered import covered_lines
from app.merchants.lost_refunds import enter_lost_refunds
from app.merchants.models import (
    FeeCorrection,
    Merchant,
    MerchantProgramme,
    PayOut,
    PayOutLine,
    PayOutState,
    Refund,
)
from app.merchants.payments import merchant_of
from app.outbox.service import enqueue, incident_passed, report_incident
from app.rewards.models import Programme
from app.rewards.money import ledger
from app.rewards.money.entries import lock_balances

NOT_COVERED = "pay_out_not_covered"


def pay_out_reference(programme_chain_id: bytes, merchant_id: UUID, period: str) -> bytes:
    """keccak of a text that names the pay-out for ever: the chain pays each out once."""
    return typed.keccak(
        f"civis.pay-out.v1:{programme_chain_id.hex()}:{merchant_id}:{period}".encode()
    )


def close_period(
    session: Session,
    *,
    merchant_id: UUID,
    programme_id: UUID,
    period: str,
    cut_off: datetime,
    now: datetime,
    partly: bool = False,
) -> PayOut | None:
    """The pay-out of this period, made at most once; None when nothing is owed yet. `partly`: of
    what the account covers, and the rest stays open."""
    merchant = merchant_of(session, merchant_id)
    programme = session.get_one(Programme, programme_id)
    ledger.lock_account(session, merchant.address, programme_id)
    made = _made(session, merchant_id, programme_id, period)
    if made is not None:
        return made
    pay_out = _draft(merchant, programme, period, cut_off, now)
    found = lines.open_lines(session, pay_out, merchant.address)
    found += lines.open_corrections(session, pay_out)
    found = _covered(session, found, merchant.address, pay_out) if partly else found
    pay_out.gross_cents = sum(line.amount_cents for line in found)
    pay_out.fee_cents = sum(line.fee_cents for line in found)
    pay_out.net_cents = pay_out.gross_cents - pay_out.fee_cents
    if pay_out.gross_cents <= 0 or pay_out.net_cents < 0:
        return None
    session.add(pay_out)
    session.flush()
    session.add_all(found)
    _announce(session, pay_out, merchant.address, programme)
    return pay_out


def _covered(
    session: Session, found: list[PayOutLine], address: str, pay_out: PayOut
) -> list[PayOutLine]:
    """What may still be contested stays where it is."""
    programme_id = pay_out.programme_id
    kept = kept_back_cents(session, address, pay_out.created_at, programme_id=programme_id)
    free = ledger.available(session, address, programme_id) - kept
    given = select(col(Refund.id), col(Refund.order_id)).where(
        col(Refund.id).in_([line.refund_id for line in found if line.refund_id])
    )
    return covered_lines(found, {row[0]: row[1] for row in session.execute(given)}, free)


def _draft(
    merchant: Merchant, programme: Programme, period: str, cut_off: datetime, now: datetime
) -> PayOut:
    """Not in the session yet: it may come to nothing."""
    return PayOut(
        id=uuid7(),
        merchant_id=merchant.organisation_id,
        programme_id=programme.id,
        period=period,
        cut_off=cut_off,
        reference=pay_out_reference(programme.chain_id, merchant.organisation_id, period),
        gross_cents=0,
        fee_cents=0,
        net_cents=0,
        state=PayOutState.CLOSED,
        created_at=now,
    )


def _made(session: Session, merchant_id: UUID, programme_id: UUID, period: str) -> PayOut | None:
    return session.scalar(
        select(PayOut).where(
            col(PayOut.merchant_id) == merchant_id,
            col(PayOut.programme_id) == programme_id,
            col(PayOut.period) == period,
        )
    )


def close_due_periods(session: Session, *, period: str, cut_off: datetime, now: datetime) -> int:
    """All merchants and programmes; how many pay-outs the period has. For the payer worker.

    Who has less than their lines come to holds up nobody else: the operator is told.
    """
    pairs = session.execute(
        select(Merchant, Programme)
        .join(
            MerchantProgramme,
            col(MerchantProgramme.merchant_id) == col(Merchant.organisation_id),
        )
        .join(Programme, col(Programme.id) == col(MerchantProgramme.programme_id))
    ).all()
    lock_balances(session, [(shop.address, programme.chain_id) for shop, programme in pairs])
    return sum(
        _closed(session, shop, programme, (period, cut_off), now) for shop, programme in pairs
    )


def _closed(
    session: Session,
    shop: Merchant,
    programme: Programme,
    until: tuple[str, datetime],
    now: datetime,
) -> bool:
    """Whether there is a pay-out; False, and told, where the account has too little, also with the
    refunds that only the chain knows."""
    about = f"{shop.organisation_id}:{programme.id}"
    try:
        try:
            made = _closed_once(session, shop, programme, until, now)
        except ledger.InsufficientBalance:
            if not enter_lost_refunds(session, shop.address):
                raise
            made = _closed_once(session, shop, programme, until, now)
    except ledger.InsufficientBalance as error:
        lacks = f"{error.wanted} cents are owed to it, and {error.available} are there"
        detail = f"{programme.slug}, {until[0]}: {error.address}: {lacks}"
        report_incident(session, code=NOT_COVERED, detail=detail, now=now, reference=about)
        return False
    incident_passed(session, code=NOT_COVERED, now=now, reference=about)
    return made is not None


def _closed_once(
    session: Session,
    shop: Merchant,
    programme: Programme,
    until: tuple[str, datetime],
    now: datetime,
) -> PayOut | None:
    """All of it, or nothing of it is left."""
    with session.begin_nested():
        return close_period(
            session,
            merchant_id=shop.organisation_id,
            programme_id=programme.id,
            period=until[0],
            cut_off=until[1],
            now=now,
        )


def _announce(session: Session, pay_out: PayOut, address: str, programme: Programme) -> None:
    ledger.hold(
        session,
        address=address,
        programme_id=programme.id,
        amount_cents=pay_out.gross_cents,
        reason="pay_out",
        reference=pay_out.reference,
        now=pay_out.created_at,
    )
    enqueue(
        session,
        kind="pay_out",
        key=pay_out.reference.hex(),
        payload={
            "reference": pay_out.reference,
            "programme_id": programme.chain_id,
            "payees": [address],
            "amounts": [pay_out.gross_cents],
        },
        now=pay_out.created_at,
    )


def propose_correction(
    session: Session, *, line_id: UUID, fee_cents: int, reason: str, by: UUID, now: datetime
) -> FeeCorrection:
    """A line's fee was wrong: the next pay-out's fees change by `fee_cents` (below 0: given back).

    The line itself stays; tokens are corrected by refunds, never here.
    """
    if session.get(PayOutLine, line_id) is None:
        raise Problem("not-found")
    correction = FeeCorrection(
        line_id=line_id, fee_cents=fee_cents, reason=reason, proposed_by=by, proposed_at=now
    )
    session.add(correction)
    session.flush()
    return correction


def confirm_correction(
    session: Session, *, correction_id: UUID, by: UUID, now: datetime
) -> FeeCorrection:
    correction = session.get(FeeCorrection, correction_id, with_for_update=True)
    if correction is None or correction.confirmed_by is not None:
        raise Problem("nothing-to-confirm")
    if correction.proposed_by == by:
        raise Problem("second-person-needed")
    correction.confirmed_by, correction.confirmed_at = by, now
    session.flush()
    return correction

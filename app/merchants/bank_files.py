"""From tokens burned to euros sent: one file of all that is owed, and what the bank answered.

A pay-out has one live bank order; a refused one leaves it free for the next file. The file is
sealed under a subject of its own and opened for the treasurer who downloads it. Callers commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import city_day
from app.db import uuid7
from app.errors import NotFound, Problem
from app.merchants.bank import Party, Transfer, pain001
from app.merchants.bank_files_kept import PURPOSE, file_place, keep_file
from app.merchants.models import (
    BankDetails,
    BankFile,
    BankOrder,
    BankOrderState,
    Merchant,
    PayOut,
    PayOutState,
)
from app.merchants.payments import merchant_of
from app.privacy.service import Actor, Ref, create_subject, open_sealed, seal

_OWED = (PayOutState.BURNED, PayOutState.REFUSED)


def make_bank_file(
    session: Session, *, debtor: Party, folder: Path, by: UUID, now: datetime
) -> BankFile:
    """All that is owed to merchants whose account is known, in one file. Raises Problem.

    It lies in `folder`, outside the database, before anybody can download it.
    """
    owed = _owed(session)
    pairs = [(pay_out, _creditor(session, pay_out.merchant_id)) for pay_out in owed]
    ready = [(pay_out, creditor) for pay_out, creditor in pairs if creditor is not None]
    if not ready:
        raise Problem("nothing-to-transfer")
    file = _file(session, [pay_out.net_cents for pay_out, _ in ready], by, now)
    transfers, paid = list[Transfer](), list[tuple[BankOrder, PayOut]]()
    for pay_out, creditor in ready:
        order = _order(session, file, pay_out)
        paid.append((order, pay_out))
        text = f"{debtor.name} {pay_out.period}"
        transfers.append(Transfer(order.end_to_end_id, creditor, order.amount_cents, text))
    xml = pain001(
        message_id=file.message_id,
        created_at=now,
        execution_date=city_day(session, now) + timedelta(days=1),
        debtor=debtor,
        transfers=transfers,
    )
    file.xml_sealed = seal(session, file.subject_id, file_place(file.id), xml.decode())
    session.flush()
    keep_file(session, folder, file, xml, paid)
    return file


def download_bank_file(session: Session, *, file_id: UUID, actor: Actor) -> bytes:
    """The same bytes each time; each download is recorded."""
    file = session.get(BankFile, file_id)
    if file is None:
        raise NotFound
    text = open_sealed(
        session, file.subject_id, file_place(file.id), file.xml_sealed, purpose=PURPOSE, actor=actor
    )
    return text.encode()


def confirm_transfer(session: Session, *, order_id: UUID, by: UUID, now: datetime) -> BankOrder:
    """The bank's statement shows it."""
    return _decide(session, order_id, BankOrderState.CONFIRMED, by=by, now=now)


def refuse_transfer(
    session: Session, *, order_id: UUID, reason: str, by: UUID, now: datetime
) -> BankOrder:
    """The bank sent it back: the next file pays it again. Nothing is minted back."""
    return _decide(session, order_id, BankOrderState.REFUSED, by=by, now=now, reason=reason)


def confirm_file(session: Session, *, file_id: UUID, by: UUID, now: datetime) -> int:
    """Confirms every transfer of a file that is still undecided; how many."""
    undecided = session.scalars(
        select(col(BankOrder.id))
        .where(
            col(BankOrder.bank_file_id) == file_id,
            col(BankOrder.state) == BankOrderState.ORDERED,
        )
        .order_by(col(BankOrder.id))
    ).all()
    for order_id in undecided:
        confirm_transfer(session, order_id=order_id, by=by, now=now)
    return len(undecided)


def _decide(
    session: Session,
    order_id: UUID,
    state: BankOrderState,
    *,
    by: UUID,
    now: datetime,
    reason: str | None = None,
) -> BankOrder:
    order = session.get(BankOrder, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise NotFound
    if order.state is state:
        return order
    if order.state is not BankOrderState.ORDERED:
        raise Problem("bank-order-decided")
    order.state, order.reason = state, reason
    order.decided_at, order.decided_by = now, by
    pay_out = session.get_one(PayOut, order.pay_out_id, with_for_update=True)
    confirmed = state is BankOrderState.CONFIRMED
    pay_out.state = PayOutState.CONFIRMED if confirmed else PayOutState.REFUSED
    pay_out.confirmed_at = now if confirmed else None
    session.flush()
    return order


def _owed(session: Session) -> Sequence[PayOut]:
    return session.scalars(
        select(PayOut)
        .where(col(PayOut.state).in_(_OWED), col(PayOut.net_cents) > 0)
        .order_by(col(PayOut.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def current_details(session: Session, merchant_id: UUID) -> BankDetails | None:
    """The latest bank details that a second person confirmed; None while they are doubted."""
    latest = session.scalar(_latest().where(col(BankDetails.merchant_id) == merchant_id))
    return latest if latest is not None and latest.doubted_at is None else None


def doubted_shops(session: Session) -> set[UUID]:
    """To which nothing is paid until an account is confirmed anew."""
    latest = session.scalars(_latest())
    return {one.merchant_id for one in latest if one.doubted_at is not None}


def _latest() -> Select[BankDetails]:
    """Of each shop the bank details that were confirmed last."""
    shop = col(BankDetails.merchant_id)
    return (
        select(BankDetails)
        .ext(distinct_on(shop))
        .where(col(BankDetails.confirmed_at).is_not(None))
        .order_by(shop, col(BankDetails.confirmed_at).desc(), col(BankDetails.id).desc())
    )


def _creditor(session: Session, merchant_id: UUID) -> Party | None:
    details = current_details(session, merchant_id)
    if details is None:
        return None
    merchant = merchant_of(session, merchant_id)
    return Party(
        _opened(session, merchant, details, "account_holder_sealed"),
        _opened(session, merchant, details, "iban_sealed"),
    )


def _opened(session: Session, merchant: Merchant, details: BankDetails, column: str) -> str:
    return open_sealed(
        session,
        merchant.subject_id,
        Ref("bank_details", column, details.id),
        getattr(details, column),
        purpose=PURPOSE,
        actor=Actor.system("bank-file"),
    )


def _file(session: Session, amounts: Sequence[int], by: UUID, now: datetime) -> BankFile:
    file_id = uuid7()
    file = BankFile(
        id=file_id,
        message_id=f"CIVIS-{now:%Y%m%d}-{file_id.hex[-12:].upper()}",
        subject_id=create_subject(session, now),
        xml_sealed=b"",
        total_cents=sum(amounts),
        transfers=len(amounts),
        created_at=now,
        created_by=by,
    )
    session.add(file)
    session.flush()
    return file


def _order(session: Session, file: BankFile, pay_out: PayOut) -> BankOrder:
    order_id = uuid7()
    order = BankOrder(
        id=order_id,
        bank_file_id=file.id,
        pay_out_id=pay_out.id,
        end_to_end_id=order_id.hex.upper(),
        amount_cents=pay_out.net_cents,
        state=BankOrderState.ORDERED,
    )
    session.add(order)
    pay_out.state = PayOutState.ORDERED
    return order

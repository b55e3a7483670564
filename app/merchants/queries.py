"""What both sides of a payment may see of it, and a till's day. Never anything of a payer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import NotFound
from app.identity.models import Organisation
from app.merchants import rules
from app.merchants.contest_models import Contest, ContestState
from app.merchants.models import (
    BankFile,
    Merchant,
    MerchantProgramme,
    PayeeState,
    Payment,
    PaymentState,
    PayOut,
    Refund,
)

_Views = Select[Payment, str, int, int, ContestState | None]
_PAID = (PaymentState.ACCEPTED, PaymentState.SETTLED)


@dataclass(frozen=True)
class PaymentView:
    """A payment as of an instant; the same for shop and payer."""

    id: UUID
    merchant_id: UUID
    shop: str
    short_code: str
    amount_cents: int
    label: str | None
    state: PaymentState
    reason_code: str | None
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    settled_at: datetime | None
    refunded_cents: int
    coming_back_cents: int = 0  # of that: accepted, and not yet on the payer's account
    contestable_until: datetime | None = None  # by card; before it nothing is paid out
    contest: ContestState | None = None
    by_representative: bool = False

    @property
    def refundable_cents(self) -> int:
        return self.amount_cents - self.refunded_cents if self.accepted_at else 0


def payment_text(public_url: str, payment_id: UUID) -> str:
    """What the QR code says."""
    return f"{public_url}/pay/{payment_id}"


def payment_for_till(
    session: Session, *, payment_id: UUID, merchant_id: UUID, now: datetime
) -> PaymentView:
    """Another shop's payment is unknown."""
    query = _views().where(col(Payment.id) == payment_id, col(Payment.merchant_id) == merchant_id)
    return _one(session, query, now)


def payment_for_payer(
    session: Session, *, payment_id: UUID, person_id: UUID, now: datetime
) -> PaymentView:
    """An open request is seen by whoever holds its code; afterwards by its payer alone."""
    view = _one(session, _views().where(col(Payment.id) == payment_id), now)
    payer = session.scalar(select(col(Payment.payer_id)).where(col(Payment.id) == payment_id))
    if payer not in (None, person_id):
        raise NotFound("payment-unknown")
    return view


def last_payments(
    session: Session, *, merchant_id: UUID, now: datetime, limit: int = 10
) -> list[PaymentView]:
    """A till's payments, newest first."""
    query = _views().where(col(Payment.merchant_id) == merchant_id)
    return _many(session, query.order_by(col(Payment.id).desc()).limit(limit), now)


def on_their_way(
    session: Session, *, merchant_id: UUID, since: datetime, limit: int = 500
) -> list[tuple[UUID, str]]:
    """Id and short code of what a shop was paid and the chain hasn't settled yet, newest first."""
    query = select(col(Payment.id), col(Payment.short_code)).where(
        col(Payment.merchant_id) == merchant_id,
        col(Payment.created_at) >= since,
        col(Payment.state) == PaymentState.ACCEPTED,
    )
    rows = session.execute(query.order_by(col(Payment.created_at).desc()).limit(limit))
    return [(payment_id, code) for payment_id, code in rows]


def paid_amounts(session: Session, merchant_id: UUID, limit: int = 10) -> list[int]:
    """What a shop was last paid, in cents, newest first."""
    paid = select(col(Payment.amount_cents)).where(
        col(Payment.merchant_id) == merchant_id, col(Payment.state).in_(_PAID)
    )
    return list(session.scalars(paid.order_by(col(Payment.id).desc()).limit(limit)))


def payments_of_person(
    session: Session, *, person_id: UUID, now: datetime, limit: int = 50
) -> list[PaymentView]:
    """What a citizen paid, newest first."""
    query = _views().where(col(Payment.payer_id) == person_id, col(Payment.state).in_(_PAID))
    return _many(session, query.order_by(col(Payment.id).desc()).limit(limit), now)


def coming_back(session: Session, person_id: UUID) -> int:
    """What shops gave back to a person and the register has not brought yet, in cents."""
    query = (
        select(func.coalesce(func.sum(col(Refund.amount_cents)), 0))
        .join(Payment, col(Payment.id) == col(Refund.payment_id))
        .where(col(Payment.payer_id) == person_id, col(Refund.settled_at).is_(None))
    )
    return int(session.scalar(query) or 0)


def payments_between(
    session: Session, *, merchant_id: UUID, since: datetime, until: datetime, now: datetime
) -> list[PaymentView]:
    """Accepted in [since, until), oldest first: statements and CSV."""
    query = _views().where(
        col(Payment.merchant_id) == merchant_id,
        col(Payment.accepted_at) >= since,
        col(Payment.accepted_at) < until,
    )
    return _many(session, query.order_by(col(Payment.accepted_at), col(Payment.id)), now)


def shops_taking(session: Session, programme_id: UUID) -> int:
    """Number of active shops that take a programme's tokens."""
    count = session.scalar(
        select(func.count())
        .select_from(MerchantProgramme)
        .join(Merchant, col(Merchant.organisation_id) == col(MerchantProgramme.merchant_id))
        .where(
            col(MerchantProgramme.programme_id) == programme_id,
            col(Merchant.state) == PayeeState.ACTIVE,
        )
    )
    return int(count or 0)


def merchants(session: Session) -> list[Merchant]:
    """All shops, newest first."""
    return list(session.scalars(select(Merchant).order_by(col(Merchant.created_at).desc())))


def pay_outs_of(session: Session, merchant_id: UUID | None) -> list[PayOut]:
    """Pay-outs of one merchant, or of all, newest first."""
    query = select(PayOut).order_by(col(PayOut.id).desc())
    if merchant_id is not None:
        query = query.where(col(PayOut.merchant_id) == merchant_id)
    return list(session.scalars(query))


def bank_files(session: Session) -> list[BankFile]:
    return list(session.scalars(select(BankFile).order_by(col(BankFile.id).desc())))


def _views() -> _Views:
    refunds = select(func.coalesce(func.sum(col(Refund.amount_cents)), 0)).where(
        col(Refund.payment_id) == col(Payment.id)
    )
    coming = refunds.where(col(Refund.settled_at).is_(None))
    contest = select(col(Contest.state)).where(col(Contest.payment_id) == col(Payment.id))
    more = refunds.scalar_subquery(), coming.scalar_subquery(), contest.scalar_subquery()
    return select(Payment, col(Organisation.name), *more).join(
        Organisation, col(Organisation.id) == col(Payment.merchant_id)
    )


def _one(session: Session, query: _Views, now: datetime) -> PaymentView:
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("payment-unknown")
    return _view(row, now)


def _many(session: Session, query: _Views, now: datetime) -> list[PaymentView]:
    return [_view(row, now) for row in session.execute(query).all()]


def _view(row: Row[Payment, str, int, int, ContestState | None], now: datetime) -> PaymentView:
    payment, shop, refunded, coming_back, contest = row
    return PaymentView(
        id=payment.id,
        merchant_id=payment.merchant_id,
        shop=shop,
        short_code=payment.short_code,
        amount_cents=payment.amount_cents,
        label=payment.label,
        state=rules.state_at(payment.state, payment.expires_at, now),
        reason_code=payment.reason_code,
        created_at=payment.created_at,
        expires_at=payment.expires_at,
        accepted_at=payment.accepted_at,
        settled_at=payment.settled_at,
        refunded_cents=int(refunded),
        coming_back_cents=int(coming_back),
        contestable_until=payment.contestable_until,
        contest=contest,
        by_representative=payment.mandate_id is not None,
    )

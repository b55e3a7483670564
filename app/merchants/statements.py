"""A till's day and month in sums, by the shop's calendar, and as a table to take along."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.merchants.models import Payment, PayOut, Refund
from app.merchants.queries import PaymentView


@dataclass(frozen=True)
class Total:
    """What was accepted in a span, and what was given back in it of payments of any time."""

    payments: int
    paid_cents: int
    refunded_cents: int

    @property
    def total_cents(self) -> int:
        return self.paid_cents - self.refunded_cents


@dataclass(frozen=True)
class Month:
    year: int
    month: int

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        following = date(self.year + self.month // 12, self.month % 12 + 1, 1)
        return _midnight(date(self.year, self.month, 1), zone), _midnight(following, zone)


@dataclass(frozen=True)
class Statement:
    """A month in sums, with the pay-outs closed in it."""

    month: Month
    total: Total
    pay_outs: list[PayOut]


def statement(session: Session, *, merchant_id: UUID, month: Month, zone: ZoneInfo) -> Statement:
    since, until = month.bounds(zone)
    closed = session.scalars(
        select(PayOut)
        .where(
            col(PayOut.merchant_id) == merchant_id,
            col(PayOut.created_at) >= since,
            col(PayOut.created_at) < until,
        )
        .order_by(col(PayOut.id))
    )
    total = total_between(session, merchant_id=merchant_id, since=since, until=until)
    return Statement(month, total, list(closed))


def day_total(session: Session, *, merchant_id: UUID, day: date, zone: ZoneInfo) -> Total:
    """Midnight to midnight; a day has 23 to 25 hours."""
    following = date.fromordinal(day.toordinal() + 1)
    return total_between(
        session,
        merchant_id=merchant_id,
        since=_midnight(day, zone),
        until=_midnight(following, zone),
    )


def total_between(
    session: Session, *, merchant_id: UUID, since: datetime, until: datetime
) -> Total:
    """In [since, until)."""
    paid = session.execute(
        select(func.count(), func.coalesce(func.sum(col(Payment.amount_cents)), 0)).where(
            col(Payment.merchant_id) == merchant_id,
            col(Payment.accepted_at) >= since,
            col(Payment.accepted_at) < until,
        )
    ).one()
    refunded = session.scalar(
        select(func.coalesce(func.sum(col(Refund.amount_cents)), 0))
        .join(Payment, col(Payment.id) == col(Refund.payment_id))
        .where(
            col(Payment.merchant_id) == merchant_id,
            col(Refund.created_at) >= since,
            col(Refund.created_at) < until,
        )
    )
    return Total(int(paid[0]), int(paid[1]), int(refunded or 0))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def payments_csv(views: Iterable[PaymentView], zone: ZoneInfo) -> str:
    """One line per payment, amounts in euros with a point; no cell starts a formula."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["accepted_at", "code", "label", "state", "amount", "refunded", "id"])
    for view in views:
        accepted = view.accepted_at.astimezone(zone).isoformat() if view.accepted_at else ""
        table.writerow(
            [
                accepted,
                view.short_code,
                harmless(view.label or ""),
                view.state.value,
                f"{view.amount_cents / 100:.2f}",
                f"{view.refunded_cents / 100:.2f}",
                str(view.id),
            ]
        )
    return text.getvalue()


def harmless(text: str) -> str:
    """A spreadsheet must not run what a cashier typed."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text

"""Months and days by the shop's calendar, and a table that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.merchants.models import PaymentState
from app.merchants.queries import PaymentView
from app.merchants.statements import Month, payments_csv

PARIS = ZoneInfo("Europe/Paris")
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def view(label: str | None) -> PaymentView:
    return PaymentView(
        id=UUID(int=1),
        merchant_id=UUID(int=2),
        shop="Boulangerie",
        short_code="ABC234",
        amount_cents=1205,
        label=label,
        state=PaymentState.SETTLED,
        reason_code=None,
        created_at=AT,
        expires_at=AT,
        accepted_at=AT,
        settled_at=AT,
        refunded_cents=5,
    )


@pytest.mark.parametrize(
    ("month", "hours"),
    [(Month(2026, 3), 31 * 24 - 1), (Month(2026, 10), 31 * 24 + 1), (Month(2026, 12), 31 * 24)],
)
def test_a_month_goes_from_midnight_to_midnight(month: Month, hours: int) -> None:
    since, until = month.bounds(PARIS)
    assert (since.astimezone(PARIS).hour, until.astimezone(PARIS).hour) == (0, 0)
    assert until.astimezone(UTC) - since.astimezone(UTC) == hours * (AT - AT.replace(hour=8))


@pytest.mark.parametrize("label", ["=1+1", "+33", "-2", "@SUM(A1)", "\tx"])
def test_no_cell_starts_a_formula(label: str) -> None:
    rows = list(csv.reader(io.StringIO(payments_csv([view(label)], PARIS))))
    assert rows[1][2] == "'" + label


def test_amounts_are_euros_and_times_the_shops() -> None:
    rows = list(csv.DictReader(io.StringIO(payments_csv([view("Pain, œufs")], PARIS))))
    assert rows[0]["amount"] == "12.05"
    assert rows[0]["refunded"] == "0.05"
    assert rows[0]["label"] == "Pain, œufs"
    assert rows[0]["accepted_at"] == "2026-11-23T10:00:00+01:00"

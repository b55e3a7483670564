"""A till's day, its statements, and the walk from a payment to the bank."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response

from app.context import db_session, now
from app.identity.models import Organisation, Role
from app.merchants import queries, statements, trail
from app.merchants.api.blueprint import blueprint
from app.merchants.api.payments import shown
from app.merchants.api.schemas import (
    DayQuery,
    DayTotalOut,
    MonthQuery,
    PaymentList,
    PayOutList,
    StatementOut,
    TrailList,
    TrailOut,
)
from app.openapi import answers, query, streams
from app.route_marks import asked_by_itself
from app.security import principal, requires


def _shop() -> UUID:
    return principal().organisation(Role.MERCHANT)


def _zone(merchant_id: UUID) -> ZoneInfo:
    return ZoneInfo(db_session().get_one(Organisation, merchant_id).time_zone)


def _own_or_all() -> UUID | None:
    """A treasurer sees every shop's, a shop its own."""
    return None if principal().has(Role.TREASURER) else _shop()


@blueprint.get("/till/payments")
@requires(Role.MERCHANT)
@asked_by_itself
@answers(PaymentList, etag=True)
def last_payments() -> dict[str, Any]:
    """The shop's last ten payments, newest first."""
    found = queries.last_payments(db_session(), merchant_id=_shop(), now=now())
    return {"items": [shown(view) for view in found]}


@blueprint.get("/till/day")
@requires(Role.MERCHANT)
@query(DayQuery)
@answers(DayTotalOut)
def day_total(query: dict[str, Any]) -> dict[str, Any]:
    """Sums of a day by the shop's calendar, today's by default."""
    shop = _shop()
    zone = _zone(shop)
    day = query["day"] or now().astimezone(zone).date()
    total = statements.day_total(db_session(), merchant_id=shop, day=day, zone=zone)
    return {"day": day, "total": total}


@blueprint.get("/till/statement")
@requires(Role.MERCHANT)
@query(MonthQuery)
@answers(StatementOut)
def statement(query: dict[str, Any]) -> statements.Statement:
    """A month in sums, with its pay-outs."""
    shop = _shop()
    return statements.statement(
        db_session(), merchant_id=shop, month=statements.Month(**query), zone=_zone(shop)
    )


@blueprint.get("/till/payments.csv")
@requires(Role.MERCHANT)
@streams("text/csv")
@query(MonthQuery)
def payments_csv(query: dict[str, Any]) -> Response:
    """A month's accepted payments as a table."""
    shop = _shop()
    zone = _zone(shop)
    since, until = statements.Month(**query).bounds(zone)
    found = queries.payments_between(
        db_session(), merchant_id=shop, since=since, until=until, now=now()
    )
    return Response(statements.payments_csv(found, zone), mimetype="text/csv")


@blueprint.get("/payments/<uuid:payment_id>/trail")
@requires(Role.MERCHANT, Role.TREASURER)
@answers(TrailList)
def payment_trail(payment_id: UUID) -> dict[str, Any]:
    """From a payment to the bank: its lines, their pay-outs, every bank order."""
    found = trail.pay_outs_of_payment(db_session(), payment_id, merchant_id=_own_or_all())
    return {"items": found}


@blueprint.get("/pay-outs")
@requires(Role.MERCHANT, Role.TREASURER)
@answers(PayOutList)
def list_pay_outs() -> dict[str, Any]:
    """The shop's pay-outs, newest first; for a treasurer those of all shops."""
    return {"items": queries.pay_outs_of(db_session(), _own_or_all())}


@blueprint.get("/pay-outs/<uuid:pay_out_id>")
@requires(Role.MERCHANT, Role.TREASURER)
@answers(TrailOut)
def show_pay_out(pay_out_id: UUID) -> trail.PayOutTrail:
    """A pay-out whole: back to its payments, on to the bank."""
    return trail.pay_out_trail(db_session(), pay_out_id, merchant_id=_own_or_all())


@blueprint.get("/bank-orders/<end_to_end_id>")
@requires(Role.TREASURER)
@answers(TrailOut)
def show_transfer(end_to_end_id: str) -> trail.PayOutTrail:
    """From the id on a bank statement back to the payments."""
    return trail.pay_out_of_transfer(db_session(), end_to_end_id)

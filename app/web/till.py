"""The merchant's counter: ask for an amount, see it paid, give back, see what is paid out."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from types import SimpleNamespace
from uuid import UUID
from zoneinfo import ZoneInfo

import segno
from flask import Blueprint, Response, request

from app.context import db_session, now, services
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Organisation, Role
from app.merchants import queries, statements
from app.merchants.models import Merchant, PayeeState, PayOut
from app.merchants.payments import request_payment as ask
from app.merchants.refunds import Asked, refund_payment
from app.rewards.ledger import available
from app.rewards.models import Programme
from app.security import principal, requires
from app.web import formats
from app.web.parts import desk
from app.web.payment_view import shown
from app.web.shell import page, state_words, to
from app.web.words import locale

blueprint = Blueprint("till", __name__)
_START = datetime(2000, 1, 1, tzinfo=UTC)


def _shop_id() -> UUID:
    return principal().organisation(Role.MERCHANT)


@blueprint.get("/till")
@requires(Role.MERCHANT)
def home() -> Response:
    return _home(None)


def _home(problem: Problem | None) -> Response:
    session, at, shop_id = db_session(), now(), _shop_id()
    organisation = session.get_one(Organisation, shop_id)
    zone = ZoneInfo(organisation.time_zone)
    day = statements.day_total(
        session, merchant_id=shop_id, day=at.astimezone(zone).date(), zone=zone
    )
    merchant = session.get_one(Merchant, shop_id)
    return page(
        "till/home.html",
        problem=problem,
        shop={"name": organisation.name, "active": merchant.state is PayeeState.ACTIVE},
        form=request.form,
        today_cents=day.total_cents,
        today_count=day.payments,
        due_cents=available(session, merchant.address),
        payments=[
            shown(view) for view in queries.last_payments(session, merchant_id=shop_id, now=at)
        ],
    )


def _typed_cents() -> int:
    """The amount in the form. Raises Problem."""
    cents = formats.cents_of(request.form.get("amount", ""))
    if cents is None:
        raise Problem("amount-not-understood", field="amount")
    return cents


@blueprint.post("/till")
@requires(Role.MERCHANT)
@idempotent
def request_payment() -> Response:
    try:
        cents = _typed_cents()
        payment = ask(
            db_session(),
            merchant_id=_shop_id(),
            amount_cents=cents,
            label=request.form.get("label", "").strip() or None,
            by=principal().person_id,
            now=now(),
        )
    except Problem as problem:
        db_session().rollback()
        return _home(problem)
    return to("till.payment", payment_id=payment.id)


@blueprint.get("/till/payments/<uuid:payment_id>")
@requires(Role.MERCHANT)
def payment(payment_id: UUID) -> Response:
    return _payment(payment_id, None)


def _payment(payment_id: UUID, problem: Problem | None) -> Response:
    view = queries.payment_for_till(
        db_session(), payment_id=payment_id, merchant_id=_shop_id(), now=now()
    )
    link = queries.payment_text(services().settings.public_url, payment_id)
    return page("till/payment.html", problem=problem, payment=shown(view), qr=_qr(link))


def _qr(link: str) -> str:
    """An SVG without size or style of its own, so that the page's content policy holds."""
    out = BytesIO()
    segno.make(link, error="m").save(out, kind="svg", xmldecl=False, omitsize=True, nl=False)
    return out.getvalue().decode("utf-8")


@blueprint.post("/till/payments/<uuid:payment_id>/refunds")
@requires(Role.MERCHANT)
@idempotent
def refund(payment_id: UUID) -> Response:
    person = principal()
    try:
        cents = _typed_cents()
        refund_payment(
            db_session(),
            merchant_id=_shop_id(),
            payment_id=payment_id,
            amount_cents=cents,
            asked=Asked(desk(), person.person_id, person.session_id, now()),
        )
    except Problem as problem:
        db_session().rollback()
        return _payment(payment_id, problem)
    return to("till.payment", payment_id=payment_id)


@blueprint.get("/till/pay-outs")
@requires(Role.MERCHANT)
def statement() -> Response:
    session, shop_id = db_session(), _shop_id()
    basis_points = session.get_one(Merchant, shop_id).fee_basis_points
    return page(
        "till/statement.html",
        fee=formats.percent(basis_points),
        pay_outs=[_pay_out(row) for row in queries.pay_outs_of(session, shop_id)],
    )


def _pay_out(row: PayOut) -> SimpleNamespace:
    programme = db_session().get_one(Programme, row.programme_id)
    return SimpleNamespace(
        period=row.period,
        programme=programme.name[locale()],
        gross_cents=row.gross_cents,
        fee_cents=row.fee_cents,
        net_cents=row.net_cents,
        state=row.state.value,
        state_words=state_words(row.state.value),
    )


@blueprint.get("/till/payments.csv")
@requires(Role.MERCHANT)
def csv() -> Response:
    session, shop_id, at = db_session(), _shop_id(), now()
    zone = ZoneInfo(session.get_one(Organisation, shop_id).time_zone)
    views = queries.payments_between(session, merchant_id=shop_id, since=_START, until=at, now=at)
    return Response(
        statements.payments_csv(views, zone),
        mimetype="text/csv",
        headers={"Content-Disposition": "attachment; filename=payments.csv"},
    )

"""The merchant's counter: ask for an amount, take it back, see it paid, give back."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, request

from app.context import db_session, now, services
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Organisation, Role
from app.identity.stations.models import StationStatementKind as Said
from app.identity.stations.shifts import note_statement
from app.merchants import queries, statements
from app.merchants.api.schemas import NewPayment
from app.merchants.contestable import kept_back_cents
from app.merchants.models import Merchant, PayeeState, PaymentState
from app.merchants.payments import cancel_by_merchant
from app.merchants.payments import request_payment as ask
from app.merchants.periods import next_cut_off
from app.merchants.plausible import is_unusual
from app.merchants.problems import too_much_back
from app.merchants.queries import PaymentView
from app.merchants.refunds import Asked, refund_payment
from app.merchants.slips import KEPT
from app.openapi import MAX_DIGITS
from app.rewards.money.ledger import available
from app.security import principal, requires
from app.web import formats, forms
from app.web.parts import demo_card, desk, qr_svg
from app.web.shell import page, to
from app.web.telling.endings_view import endings_at
from app.web.telling.payment_view import shown
from app.web.words import gettext as _

blueprint = Blueprint("till", __name__)


def shop_id() -> UUID:
    return principal().organisation(Role.MERCHANT)


@blueprint.get("/till")
@requires(Role.MERCHANT)
def home() -> Response:
    return _home(None)


def _home(problem: Problem | None, *, unusual_cents: int | None = None) -> Response:
    session, at, own = db_session(), now(), shop_id()
    organisation = session.get_one(Organisation, own)
    zone = ZoneInfo(organisation.time_zone)
    day = statements.day_total(session, merchant_id=own, day=at.astimezone(zone).date(), zone=zone)
    merchant = session.get_one(Merchant, own)
    kept = kept_back_cents(session, merchant.address, at)
    return page(
        "till/home.html",
        problem=problem,
        shop={"name": organisation.name, "active": merchant.state is PayeeState.ACTIVE},
        form=request.form or request.args,
        unusual_cents=unusual_cents,
        today_cents=day.total_cents,
        today_count=day.payments,
        next_cut_off=next_cut_off(session, at),
        due_cents=available(session, merchant.address) - kept,
        kept_cents=kept,
        endings=endings_at(session, own, at),
        slips=_slips(own, queries.on_their_way(session, merchant_id=own, since=at - KEPT)),
        payments=[shown(view) for view in queries.last_payments(session, merchant_id=own, now=at)],
    )


def slip_of(view: PaymentView) -> SimpleNamespace | None:
    """For the page of one payment: whether there is something for this browser to keep."""
    kept = view.state is PaymentState.ACCEPTED
    return _slips(view.merchant_id, [(view.id, view.short_code)]) if kept else None


def _slips(own: UUID, on_their_way: list[tuple[UUID, str]]) -> SimpleNamespace:
    """What static/js/slips.js works with; no word of a payment stands in it."""
    waiting = [{"id": str(payment_id), "code": code} for payment_id, code in on_their_way]
    return SimpleNamespace(shop=own, waiting=waiting, days=KEPT.days)


def _confirmed() -> int | None:
    """The very amount to which somebody said yes; another one is asked about again."""
    said = request.form.get("confirmed", "")
    return int(said) if said.isdecimal() and len(said) <= MAX_DIGITS else None


@blueprint.post("/till")
@requires(Role.MERCHANT)
@idempotent
def request_payment() -> Response:
    session, own = db_session(), shop_id()
    try:
        cents = forms.cents("amount")
        if _confirmed() != cents and is_unusual(cents, queries.paid_amounts(session, own)):
            return _home(None, unusual_cents=cents)
        label = forms.load(NewPayment, {"amount_cents": cents, **forms.given("label")})["label"]
        payment = ask(
            session,
            merchant_id=own,
            amount_cents=cents,
            label=label,
            by=principal().person_id,
            now=now(),
        )
    except Problem as problem:
        session.rollback()
        return _home(problem)
    note_statement(session, principal(), Said.PAYMENT_REQUEST, str(payment.id), now())
    return to("till.payment", payment_id=payment.id)


@blueprint.get("/till/payments/<uuid:payment_id>")
@requires(Role.MERCHANT)
def payment(payment_id: UUID) -> Response:
    return payment_page(payment_id, None)


@blueprint.post("/till/payments/<uuid:payment_id>/cancellation")
@requires(Role.MERCHANT)
@idempotent
def cancel(payment_id: UUID) -> Response:
    """A wrong amount: nobody can pay it any more, and the till has it ready to be corrected."""
    try:
        payment = cancel_by_merchant(
            db_session(), payment_id=payment_id, merchant_id=shop_id(), now=now()
        )
    except Problem as problem:
        db_session().rollback()
        return payment_page(payment_id, problem)
    flash(_("Cancelled: nobody can pay with %(code)s.", code=payment.short_code), "success")
    return to("till.home", amount=formats.plain_euros(payment.amount_cents))


@blueprint.get("/till/payments/<uuid:payment_id>/cancellation")
@blueprint.get("/till/payments/<uuid:payment_id>/refunds")
@requires(Role.MERCHANT)
def after(payment_id: UUID) -> Response:
    """Whoever reloads the answer to a form, or signs in on its way, sees the payment."""
    return to("till.payment", payment_id=payment_id)


def payment_page(
    payment_id: UUID, problem: Problem | None, *, giving_back_cents: int | None = None
) -> Response:
    view = queries.payment_for_till(
        db_session(), payment_id=payment_id, merchant_id=shop_id(), now=now()
    )
    link = queries.payment_text(services().settings.public_url, payment_id)
    return page(
        "till/payment.html",
        problem=problem,
        payment=shown(view),
        qr=qr_svg(link),
        typed=request.form.get("amount"),
        card_number=request.form.get("card_number"),
        demo_card=demo_card(),
        giving_back_cents=giving_back_cents,
        slips=slip_of(view),
    )


@blueprint.post("/till/payments/<uuid:payment_id>/refunds")
@requires(Role.MERCHANT)
@idempotent
def refund(payment_id: UUID) -> Response:
    """Asked for first, then confirmed: money that went back can't be fetched again."""
    person = principal()
    try:
        cents = forms.cents("amount")
        if _confirmed() != cents:
            _check_refundable(payment_id, cents)
            return payment_page(payment_id, None, giving_back_cents=cents)
        made = refund_payment(
            db_session(),
            merchant_id=shop_id(),
            payment_id=payment_id,
            amount_cents=cents,
            asked=Asked(desk(), person.person_id, person.session_id, now()),
        )
    except Problem as problem:
        db_session().rollback()
        return payment_page(payment_id, problem)
    for one in made:
        note_statement(db_session(), person, Said.REFUND, one.id.hex(), now())
    return to("till.payment", payment_id=payment_id)


def _check_refundable(payment_id: UUID, cents: int) -> None:
    """Before asking whether it is meant: only what could be given back."""
    view = queries.payment_for_till(
        db_session(), payment_id=payment_id, merchant_id=shop_id(), now=now()
    )
    if cents > view.refundable_cents:
        raise too_much_back("refund-too-large", view.refundable_cents)

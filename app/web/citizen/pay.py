"""The citizen's side of a payment: find it, see it, pay or decline, and know the truth."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request

from app.acting import covered_by, entered_by
from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.mandates.models import Act
from app.identity.models import Role
from app.limits import caller, spend
from app.merchants import queries
from app.merchants.acceptance import accept_payment
from app.merchants.api.card_schemas import NewContest
from app.merchants.contests import open_contest
from app.merchants.payments import decline_by_payer, find_payment
from app.payers import payer_of
from app.security import principal, requires
from app.web import forms
from app.web.parts import available_of, desk, own_keys, standing_still
from app.web.shell import page, to
from app.web.telling.payment_view import contest_reasons, shown
from app.web.welcome import tour_state

blueprint = Blueprint("pay", __name__)


@blueprint.get("/pay")
@requires(Role.CITIZEN)
@covered_by(Act.PAY)
def start() -> Response:
    """A code in the address is looked for; so signing in on the way doesn't lose it."""
    typed = request.args.get("short_code", "")
    if not typed.strip():
        return page("pay/start.html", short_code="")
    try:
        spend("payment-code", caller(), quota=30, window=60)
        payment = find_payment(
            db_session(), short_code=typed, person_id=principal().whose, now=now()
        )
    except Problem as problem:
        return page("pay/start.html", problem=problem, short_code=typed)
    return to("pay.show", payment_id=payment.id)


@blueprint.get("/pay/<uuid:payment_id>")
@requires(Role.CITIZEN)
@covered_by(Act.PAY, sees=["balance"])
def show(payment_id: UUID) -> Response:
    return _show(payment_id, None)


def _show(payment_id: UUID, problem: Problem | None) -> Response:
    person = principal().whose
    view = queries.payment_for_payer(
        db_session(), payment_id=payment_id, person_id=person, now=now()
    )
    if view.accepted_at is not None:
        tour_state.mark("bread")
    return page(
        "pay/show.html",
        problem=problem,
        payment=shown(view),
        balance_cents=available_of(person),
        own_keys=own_keys(person),
        still=standing_still(person),
        reasons=contest_reasons(),
    )


@blueprint.post("/pay/<uuid:payment_id>/acceptance")
@requires(Role.CITIZEN)
@idempotent
@covered_by(Act.PAY)
def accept(payment_id: UUID) -> Response:
    payer = payer_of(principal())
    try:
        accept_payment(db_session(), payer=payer, payment_id=payment_id, desk=desk(), now=now())
    except Problem as problem:
        db_session().rollback()
        if problem.code == "step-up-needed":
            raise
        return _show(payment_id, problem)
    return to("pay.show", payment_id=payment_id)


@blueprint.post("/pay/<uuid:payment_id>/refusal")
@requires(Role.CITIZEN)
@idempotent
@covered_by(Act.PAY)
def decline(payment_id: UUID) -> Response:
    try:
        decline_by_payer(
            db_session(), payment_id=payment_id, person_id=principal().whose, now=now()
        )
    except Problem as problem:
        db_session().rollback()
        return _show(payment_id, problem)
    return to("pay.show", payment_id=payment_id)


@blueprint.post("/pay/<uuid:payment_id>/contest")
@requires(Role.CITIZEN)
@idempotent
@covered_by(Act.CONTEST)
def contest(payment_id: UUID) -> Response:
    """Of a payment by card, whose holder has a page too."""
    try:
        said = forms.load(NewContest, forms.given("reason"))
        payer, by = principal().whose, entered_by()
        open_contest(db_session(), payment_id=payment_id, payer_id=payer, **said, by=by, now=now())
    except Problem as problem:
        db_session().rollback()
        return _show(payment_id, problem)
    return to("pay.show", payment_id=payment_id)


@blueprint.get("/pay/<uuid:payment_id>/acceptance")
@blueprint.get("/pay/<uuid:payment_id>/contest")
@blueprint.get("/pay/<uuid:payment_id>/refusal")
@requires(Role.CITIZEN)
@covered_by(Act.PAY)
def after(payment_id: UUID) -> Response:
    """Whoever reloads the answer to a form, or signs in on its way, sees the payment."""
    return to("pay.show", payment_id=payment_id)

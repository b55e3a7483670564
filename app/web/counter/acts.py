"""What an officer does for whoever stands there: card, PIN, block, an address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, flash, request

from app.context import db_session, language, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity import counter
from app.identity.api.cards import own_visit
from app.identity.cards import service as cards
from app.identity.cards.models import CounterVisit
from app.identity.models import Role
from app.limits import caller
from app.merchants.api.card_schemas import NewCounterContest
from app.merchants.contests import open_contest
from app.security import principal, requires
from app.web import forms
from app.web.counter.visits import blueprint, show
from app.web.parts import signer
from app.web.shell import to
from app.web.words import gettext as _


def _done(visit_id: UUID, do: Callable[[CounterVisit], None], words: str, **kept: Any) -> Response:
    """Does it and says so, or shows why not with what was typed. A counted try stays counted."""
    try:
        do(own_visit(visit_id))
    except Problem as problem:
        session = db_session()
        session.commit() if problem.keep else session.rollback()
        return show(visit_id, problem, **kept)
    flash(words, "success")
    return to("counter.visit", visit_id=visit_id)


def _pin() -> str:
    """The PIN that its holder typed twice. Raises Problem."""
    return cards.check_pin(request.form.get("pin", ""), request.form.get("pin_again", ""))


@blueprint.post("/counter/visits/<uuid:visit_id>/pin")
@requires(Role.OFFICER)
@idempotent
def choose_pin(visit_id: UUID) -> Response:
    """The first one activates the card."""

    def do(visit: CounterVisit) -> None:
        counter.choose_pin(db_session(), visit, _pin(), signer=signer(), now=now())

    return _done(visit_id, do, _("The PIN is set: the card can pay."))


@blueprint.post("/counter/visits/<uuid:visit_id>/card")
@requires(Role.OFFICER)
@idempotent
def give(visit_id: UUID) -> Response:
    def do(visit: CounterVisit) -> None:
        typed = request.form.get("card_number", "")
        counter.give_card(db_session(), visit, typed, _pin(), signer=signer(), now=now())

    return _done(visit_id, do, _("This card is theirs now. Older ones are worth nothing."))


@blueprint.post("/counter/visits/<uuid:visit_id>/block")
@requires(Role.OFFICER)
@idempotent
def block(visit_id: UUID) -> Response:
    def do(visit: CounterVisit) -> None:
        by = principal().person_id
        cards.block_cards(db_session(), visit.person_id, signer=signer(), by=by, now=now())

    return _done(visit_id, do, _("Blocked. Nothing is lost: give another card."))


@blueprint.post("/counter/visits/<uuid:visit_id>/email")
@requires(Role.OFFICER)
@idempotent
def ask_email(visit_id: UUID) -> Response:
    """Sends a code to the address; who reads it there types it here."""
    session, email = db_session(), request.form.get("email", "")
    visit = own_visit(visit_id)
    try:
        sent = counter.ask_email(session, visit, email, language(), now(), caller=caller())
    except Problem as problem:
        session.commit() if problem.keep else session.rollback()
        return show(visit_id, problem)
    return show(visit_id, None, asked={"email": email, "challenge": str(sent)})


@blueprint.post("/counter/visits/<uuid:visit_id>/email/code")
@requires(Role.OFFICER)
@idempotent
def take_email(visit_id: UUID) -> Response:
    form = request.form

    def do(visit: CounterVisit) -> None:
        counter.take_email(
            db_session(),
            visit,
            email=form.get("email", ""),
            code="".join(form.get("code", "").split()),
            challenge=_id(form.get("challenge", "")),
            pin=form.get("pin", ""),
            signer=signer(),
            now=now(),
        )

    kept = {"email": form.get("email", ""), "challenge": form.get("challenge", "")}
    return _done(visit_id, do, _("They can sign in with this address now."), asked=kept)


@blueprint.post("/counter/visits/<uuid:visit_id>/contests")
@requires(Role.OFFICER)
@idempotent
def contest(visit_id: UUID) -> Response:
    """Of a card payment, within ten days; two officers decide it later."""

    def do(visit: CounterVisit) -> None:
        said = forms.load(NewCounterContest, forms.given("payment_id", "reason"))
        by = principal().person_id
        open_contest(db_session(), payer_id=visit.person_id, **said, by=by, now=now())

    return _done(visit_id, do, _("Contested. It is not paid out until two officers decide."))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@blueprint.get("/counter/visits/<uuid:visit_id>/pin")
@blueprint.get("/counter/visits/<uuid:visit_id>/card")
@blueprint.get("/counter/visits/<uuid:visit_id>/block")
@blueprint.get("/counter/visits/<uuid:visit_id>/contests")
@blueprint.get("/counter/visits/<uuid:visit_id>/email")
@blueprint.get("/counter/visits/<uuid:visit_id>/email/code")
@requires(Role.OFFICER)
def after(visit_id: UUID) -> Response:
    """Whoever reloads the answer to a form, or signs in on its way, sees the visit."""
    return to("counter.visit", visit_id=visit_id)

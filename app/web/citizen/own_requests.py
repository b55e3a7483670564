"""A person's requests about their data, and the end of their account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from app.acting import covered_by, entered_by, reader
from app.context import db_session, now, services
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.mandates.models import Act
from app.paging import page as page_of
from app.payers import payer_of
from app.privacy import halts
from app.rights import closing, requests
from app.rights.models import RequestKind, RightsRequest
from app.rights.schemas import ASKED, NewClosing, NewRequest
from app.security import principal, requires, requires_step_up
from app.session_cookie import sign_out_browser
from app.web import forms
from app.web.citizen.me import blueprint
from app.web.parts import desk, own_keys, signer
from app.web.shell import page, to
from app.web.telling import request_words as words

SHOWN = 20


@blueprint.get("/me/requests")
@requires()
@covered_by(Act.RIGHTS, sees=["requests"])
def requests_() -> Response:
    return _requests(None)


def _requests(problem: Problem | None) -> Response:
    session, person, at = db_session(), principal().whose, now()
    rows, cursor = page_of(
        session,
        requests.shown_to(person, entered_by()),
        key=RightsRequest.id,
        cursor=request.args.get("cursor"),
        limit=SHOWN,
    )
    own, halted = reader(), halts.open_halts(session, person)
    return page(
        "me/requests.html",
        problem=problem,
        form=request.form,
        kinds=[(kind.value, str(words.KIND[kind])) for kind in ASKED],
        purposes=[(one, words.title(one)) for one in halts.objectionable()],
        requests=[words.shown(row, requests.read(session, row, own, at), at) for row in rows],
        halted=[words.halt(one) for one in halted],
        restricted=any(one.purpose is None for one in halted),
        next_url=url_for("me.requests_", cursor=cursor) if cursor else None,
    )


@blueprint.post("/me/requests")
@requires()
@idempotent
@covered_by(Act.RIGHTS)
def ask() -> Response:
    given = forms.given("kind", "text")
    if given.get("kind") == RequestKind.OBJECTION.value:
        given |= forms.given("purpose")
    try:
        said: dict[str, Any] = forms.load(NewRequest, given)
        kind = RequestKind(said.pop("kind"))
        whose, by = principal().whose, entered_by()
        requests.ask(db_session(), whose, kind, **said, by=by, now=now())
    except Problem as problem:
        db_session().rollback()
        return _requests(problem)
    return to("me.requests_")


@blueprint.post("/me/requests/<uuid:request_id>/withdrawal")
@requires()
@idempotent
@covered_by(Act.RIGHTS)
def withdraw_request(request_id: UUID) -> Response:
    whose, by = principal().whose, entered_by()
    requests.withdraw(db_session(), request_id, person_id=whose, by=by, now=now())
    return to("me.requests_")


@blueprint.post("/me/restriction/end")
@requires()
@idempotent
@covered_by(Act.RIGHTS)
def end_restriction() -> Response:
    requests.end_restriction(db_session(), principal().whose, now(), by=entered_by())
    return to("me.requests_")


@blueprint.get("/me/closing")
@requires()
@covered_by(Act.CLOSE, sees=["balance"])
def before_closing() -> Response:
    return _before_closing(None)


def _before_closing(problem: Problem | None) -> Response:
    return page(
        "me/closing.html",
        problem=problem,
        standing=closing.standing(db_session(), principal().whose, now()),
        receivers=closing.receivers(db_session()),
        own_keys=own_keys(principal().whose),
        form=request.form,
    )


@blueprint.post("/me/closing")
@requires()
@requires_step_up
@idempotent
@covered_by(Act.CLOSE)
def close() -> Response:
    """Only with the box ticked; afterwards nobody is signed in any more."""
    try:
        gift = _gift()
        mail, person, by = services().settings.mail, principal().whose, entered_by()
        found = closing.close(
            db_session(), person, gift=gift, letters=mail, now=now(), by=by, acting=by is not None
        )
        closing.end_card(db_session(), person, signer=signer(), by=by or person, now=now())
    except Problem as problem:
        db_session().rollback()
        return _before_closing(problem)
    closed = page("me/closed.html", closed=found, given=gift is not None)
    return closed if by else sign_out_browser(closed)


def _gift() -> closing.Gift | None:
    """What becomes of the tokens, once the person is sure. Raises Problem."""
    said = forms.load(NewClosing, forms.given("gift_to"))
    if request.form.get("sure") != "yes":
        raise Problem("closing-unsure", field="sure")
    if said["gift_to"] is None:
        return None
    return closing.Gift(said["gift_to"], desk(), payer_of(principal()))

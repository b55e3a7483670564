"""The page on which a person without an e-mail address enters one, and the code sent there."""

from __future__ import annotations

from typing import Any

from flask import Response, request, session

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity import own_address
from app.identity.api.passkeys import here
from app.identity.schemas import NewAddress
from app.limits import caller, limited
from app.security import requires, requires_step_up
from app.web import forms
from app.web.citizen.me import blueprint
from app.web.entering.sign_in import as_challenge
from app.web.shell import page, to

_CHALLENGE = "address_challenge"


@blueprint.get("/me/address")
@requires()
@requires_step_up
def own_address_() -> Response:
    return _ask(None)


def _ask(problem: Problem | None) -> Response:
    typed = request.form.get("email", "")
    return page("me/address.html", problem=problem, typed=typed)


@blueprint.post("/me/address/code")
@requires()
@requires_step_up
@limited("address-code", quota=30, window=600)
def ask_address() -> Response:
    try:
        given: dict[str, Any] = forms.load(NewAddress, forms.given("email"))
        challenge = own_address.send_address_code(
            db_session(), here(), given["email"], now(), caller=caller()
        )
    except Problem as problem:
        db_session().commit()  # a request too many was counted
        return _ask(problem)
    session[_CHALLENGE] = str(challenge)
    return page("me/address_code.html", email=given["email"])


@blueprint.post("/me/address")
@requires()
@requires_step_up
@limited("address-change", quota=60, window=600)
@idempotent
def enter_address() -> Response:
    email, code = request.form.get("email", ""), "".join(request.form.get("code", "").split())
    asked = as_challenge(session.get(_CHALLENGE))
    try:
        own_address.enter_own_email(db_session(), here(), email, code, now(), challenge=asked)
    except Problem as problem:
        if problem.keep:
            db_session().commit()  # a wrong code uses up a try
        else:
            db_session().rollback()
        return page("me/address_code.html", problem=problem, email=email)
    return to("me.data")

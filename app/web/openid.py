"""Signing in through the provider that the operator named, and out there again."""

from __future__ import annotations

import hmac

from flask import Response, make_response, redirect, request, session

from app.context import db_session, language, now
from app.errors import Problem
from app.identity.openid import service as openid
from app.identity.openid.provider import Proved, Started
from app.limits import limited
from app.security import maybe_principal, public
from app.web import sign_in
from app.web.openid_provider import provider, return_to
from app.web.shell import page

blueprint = sign_in.blueprint
_STARTED = "openid"


@blueprint.get("/sign-in/openid")
@public
@limited("sign-in-openid", quota=30, window=600)
def openid_start() -> Response:
    """Sends the browser to the provider, bound to this browser by its own cookie."""
    asked = provider()
    started = asked.begin()
    try:
        where = asked.address(started, return_to())
    except Problem as problem:
        return page("sign_in/start.html", problem=problem, email="")
    session[_STARTED] = [started.state, started.nonce, started.verifier]
    if "next" in request.args:
        session["next"] = sign_in.own_path(request.args["next"])
    return make_response(redirect(where, 303))


@blueprint.get("/sign-in/openid/return")
@public
@limited("sign-in-openid", quota=30, window=600)
def openid_return() -> Response:
    """The provider sent the browser back. What was begun here counts once, right or wrong."""
    begun, person = session.pop(_STARTED, None), maybe_principal()
    try:
        proved = _proved(Started(*begun) if begun else None)
        token = openid.enter(
            db_session(),
            provider().settings,
            proved,
            signed_in=person.person_id if person else None,
            language=language(),
            now=now(),
        )
        db_session().commit()  # a GET, but somebody has come in
    except Problem as problem:
        db_session().rollback()
        return page("sign_in/start.html", problem=problem, email="")
    return sign_in.enter(token)


def _proved(begun: Started | None) -> Proved:
    code, state = request.args.get("code", ""), request.args.get("state", "")
    if begun is None or not code or not hmac.compare_digest(state.encode(), begun.state.encode()):
        raise Problem("openid-refused")
    asked = provider()
    asked.check_issuer(request.args.get("iss"))
    return asked.finish(code, begun, return_to())

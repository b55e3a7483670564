"""Signing in through the provider that the operator named, and out there again."""

from __future__ import annotations

import hmac
from uuid import UUID

from flask import Response, make_response, redirect, request, session

from app.context import db_session, language, now
from app.errors import Problem
from app.identity.openid import service as openid
from app.identity.openid.provider import Proved, Started
from app.limits import limited
from app.security import principal, public, requires, requires_step_up
from app.web.citizen.me import blueprint as own
from app.web.entering import sign_in
from app.web.entering.openid_provider import provider, return_to
from app.web.shell import page, to

blueprint = sign_in.blueprint
_STARTED = "openid"


@blueprint.get("/sign-in/openid")
@public
@limited("sign-in-openid", quota=30, window=600)
def openid_start() -> Response:
    """Sends the browser to the provider, bound to this browser by its own cookie.

    `again`: to confirm who they are, so the provider is to ask them once more.
    """
    try:
        where = _begin(None, again="again" in request.args)
    except Problem as problem:
        return page("sign_in/start.html", problem=problem, email="")
    return make_response(redirect(where, 303))


@own.post("/me/data/openid")
@requires()
@requires_step_up
def openid_link() -> Response:
    """On purpose, by whoever has just proved who they are; else nobody's account is linked.

    A page with a link and no redirect: a form of ours leads nowhere but here.
    """
    return page("sign_in/to_provider.html", where=_begin(principal().person_id))


def _begin(linking: UUID | None, *, again: bool = False) -> str:
    """The provider's address; what must come back is kept in the cookie. Raises Problem."""
    started = provider().begin()
    where = provider().address(started, return_to(), again=again)
    session[_STARTED] = [started.state, started.nonce, started.verifier, linking and str(linking)]
    return where


@blueprint.get("/sign-in/openid/return")
@public
@limited("sign-in-openid", quota=30, window=600)
def openid_return() -> Response:
    """The provider sent the browser back. What was begun here counts once, right or wrong."""
    *begun, linking = session.pop(_STARTED, None) or (None,)
    try:
        proved = _proved(Started(*begun) if begun else None)
        if linking is not None:
            return _linked(proved, UUID(linking))
        token = openid.enter(
            db_session(), provider().settings, proved, language=language(), now=now()
        )
        db_session().commit()  # a GET, but somebody has come in
    except Problem as problem:
        db_session().rollback()
        return page("sign_in/start.html", problem=problem, email="")
    return sign_in.enter(token)


def _linked(proved: Proved, person_id: UUID) -> Response:
    """The session stays as it is."""
    if principal().person_id != person_id:
        raise Problem("openid-other-account")
    openid.link(db_session(), provider().settings, proved, person_id=person_id, now=now())
    db_session().commit()
    return to("me.data", _anchor="sessions")


def _proved(begun: Started | None) -> Proved:
    code, state = request.args.get("code", ""), request.args.get("state", "")
    if begun is None or not code or not hmac.compare_digest(state.encode(), begun.state.encode()):
        raise Problem("openid-refused")
    provider().check_issuer(request.args.get("iss"))
    return provider().finish(code, begun, return_to())

"""Signing in with a passkey or a code sent by mail, and signing out.

How many tries are left is told from what this browser typed, never from what is stored: so the
page says the same of an address that nobody knows.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, request, session, url_for

from app.context import db_session, language, now, services
from app.errors import Problem
from app.identity import service as identity
from app.identity.api.passkeys import site
from app.identity.models import Role, SignInSession
from app.identity.passkeys import service as passkeys
from app.identity.roles import PASSKEY_ROLES
from app.identity.sign_in import CODE_TRIES
from app.limits import caller, limited
from app.privacy.service import pseudonym
from app.security import maybe_principal, public
from app.session_cookie import sign_in_browser, sign_out_browser
from app.web.entering.openid_provider import logout_address
from app.web.entering.passkey_form import reply
from app.web.shell import page, to

blueprint = Blueprint("sign_in", __name__)
_TRIES, _CHALLENGE = "code_tries", "code_challenge"
_HOMES = (
    (Role.OFFICER, "office.home"),
    (Role.TREASURER, "treasury.home"),
    (Role.OPERATOR, "office.chain"),
    (Role.AUDITOR, "office.approvals"),
    (Role.ATTESTER, "attest.home"),
    (Role.MERCHANT, "till.home"),
    (Role.PARTNER, "imports.home"),
    (Role.CITIZEN, "me.home"),
)


@blueprint.get("/sign-in")
@public
def start() -> Response:
    session["next"] = own_path(request.args.get("next", ""))
    return page("sign_in/start.html", email="")


@blueprint.post("/sign-in/code")
@public
@limited("sign-in-code", quota=30, window=600)
def send() -> Response:
    email = request.form.get("email", "").strip()
    try:
        challenge = identity.request_sign_in(
            db_session(), email, language(), now(), caller=caller()
        )
    except Problem as problem:
        return page("sign_in/start.html", problem=problem, email=email)
    session[_TRIES], session[_CHALLENGE] = [_mark(email), CODE_TRIES], str(challenge)
    return page("sign_in/code.html", email=email, tries=None)


@blueprint.post("/sign-in")
@public
@limited("sign-in-token", quota=60, window=600)
def finish() -> Response:
    email = request.form.get("email", "").strip()
    code = "".join(request.form.get("code", "").split())
    try:
        token = identity.finish_sign_in(
            db_session(), email, code, "browser", now(), challenge=_challenge()
        )
    except Problem as problem:
        # A wrong code uses up a try, so what was written must be kept.
        db_session().commit()
        return page("sign_in/code.html", problem=problem, email=email, tries=_tries_left(email))
    return enter(token)


@blueprint.post("/sign-in/passkey")
@public
@limited("sign-in-token", quota=60, window=600)
def finish_by_passkey() -> Response:
    try:
        token = passkeys.sign_in(db_session(), site(), reply(), "browser", now())
    except Problem as problem:
        db_session().commit()  # the question is used up
        return page("sign_in/start.html", problem=problem, email="")
    return enter(token)


def _challenge() -> UUID | None:
    """Of the code that this browser asked for last."""
    return as_challenge(session.get(_CHALLENGE))


def as_challenge(told: str | None) -> UUID | None:
    return UUID(told) if told else None


def _tries_left(email: str) -> int | None:
    """After one more wrong code; None where this browser asked for no code for the address."""
    mark, left = session.get(_TRIES, ("", 0))
    if mark != _mark(email):
        return None
    left = max(left - 1, 0)
    session[_TRIES] = [mark, left]
    return int(left)


def _mark(email: str) -> str:
    """An address as the browser's cookie holds it."""
    return pseudonym(services().keyring, "sign-in-page", email.lower()).hex()[:16]


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    person, elsewhere = maybe_principal(), logout_address()
    if person is not None:
        identity.end_session(db_session(), person.session_id, now())
    where = "stations.screen" if person and person.station_id else "tour.home"
    left = page("sign_in/left.html", elsewhere=elsewhere) if elsewhere else to(where)
    return sign_out_browser(left)


def enter(token: str) -> Response:
    """Hands the session to the browser and goes where the person wanted, or to their page.

    Whoever was signed in here before is signed out: no token outlives the cookie that held it.
    """
    wanted, before = session.get("next") or "", maybe_principal()
    found = identity.find_session(db_session(), token, now())
    if before is not None:  # this browser's session of before ends with its cookie
        identity.end_session(db_session(), before.session_id, now())
    target = wanted or (_home(found) if found else url_for("me.home"))
    return sign_in_browser(make_response(redirect(target, 303)), token)


def _home(found: SignInSession) -> str:
    """Where the person works; where they add a passkey, if their role waits for one."""
    roles = identity.roles_of(db_session(), found.person_id, now())
    waits = found.passkey_id is None and not services().settings.demo
    if waits and not PASSKEY_ROLES.isdisjoint(roles):
        return url_for("me.data", _anchor="passkeys")
    return url_for(next((endpoint for role, endpoint in _HOMES if role in roles), "me.home"))


def own_path(target: str) -> str:
    """A path of this site, or nothing: never another host."""
    plain = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if plain else ""

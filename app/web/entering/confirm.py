"""The page that asks for a proof that it is really you, and then goes on where the person was.

Whatever raises step-up-needed on a page ends here (app.security.requires_step_up, the signer). A
form that was sent is kept: it lies hidden in the pages on the way, which only this browser, with
its form token, can send, and is sent again once the proof is there.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, request, session, url_for

from app.acting import own_always
from app.browser_security import new_browser
from app.context import db_session, now, services
from app.error_answers import OWN_PAGES
from app.errors import Problem
from app.identity import service as identity
from app.identity import step_up
from app.identity.api.passkeys import here, site
from app.identity.passkeys import service as passkeys
from app.identity.sign_in import find_session
from app.limits import caller, limited
from app.security import SAFE_METHODS, requires
from app.session_cookie import set_token
from app.web.entering.passkey_form import reply
from app.web.entering.sign_in import as_challenge, own_path
from app.web.shell import page, to

blueprint = Blueprint("confirm", __name__)
_CHALLENGE = "confirm_challenge"
_NOT_KEPT = {"csrf_token"}

Fields = list[list[str]]


@dataclass(frozen=True)
class Interrupted:
    """Where the person was: `fields` of the form that they sent, None if they only looked."""

    path: str
    fields: Fields | None

    @property
    def kept(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of_form(cls) -> Interrupted:
        """As `kept` has it; the person's own page where it is nothing of ours."""
        try:
            told = json.loads(request.form.get("kept", ""))
            path, fields = own_path(str(told["path"])), told["fields"]
        except (ValueError, TypeError, LookupError, RecursionError):
            path, fields = "", None
        if not path:
            return cls(url_for("me.home"), None)
        return cls(path, [_pair(one) for one in fields] if isinstance(fields, list) else None)


def _pair(told: object) -> list[str]:
    match told:
        case [str(name), str(value)]:
            return [name, value]
    return ["", ""]


def install() -> None:
    OWN_PAGES["step-up-needed"] = interrupt
    OWN_PAGES["passkey-needed"] = lambda: to("me.data", _anchor="passkeys")


def interrupt() -> Response:
    """In place of the page that needs a proof."""
    path = request.full_path.rstrip("?")
    if request.method in SAFE_METHODS:
        return make_response(redirect(f"{url_for('confirm.start')}?{urlencode({'next': path})}"))
    fields = [[name, text] for name, text in request.form.items(True) if name not in _NOT_KEPT]
    answer = _ask(Interrupted(path, fields), None)
    answer.status_code = HTTPStatus.FORBIDDEN  # what was sent is not done yet
    return answer


@blueprint.get("/confirm")
@requires()
@own_always
def start() -> Response:
    path = own_path(request.args.get("next", "")) or url_for("me.home")
    return _ask(Interrupted(path, None), None)


def _ask(was: Interrupted, problem: Problem | None) -> Response:
    """With the ways that this person has."""
    found, demo = identity.person(db_session(), here().person_id), services().settings.demo
    has_passkey = bool(passkeys.passkeys_of(db_session(), found.id))
    reached = found.email_lookup is not None
    return page(
        "confirm/ask.html",
        problem=problem,
        was=was,
        by_passkey=has_passkey,
        by_code=reached and (demo or step_up.may_use_code(db_session(), found.id, now())),
        by_provider=not (reached or has_passkey) and services().settings.openid is not None,
        only_passkey=has_passkey,
    )


@blueprint.post("/confirm/code")
@requires()
@limited("step-up-code", quota=30, window=600)
@own_always
def send() -> Response:
    was, demo = Interrupted.of_form(), services().settings.demo
    try:
        challenge = step_up.send_step_up_code(
            db_session(), here(), now(), caller=caller(), code_will_do=demo
        )
    except Problem as problem:
        return _ask(was, problem)
    session[_CHALLENGE] = str(challenge)
    return page("confirm/code.html", was=was)


@blueprint.post("/confirm")
@requires()
@limited("step-up-token", quota=60, window=600)
@own_always
def by_code() -> Response:
    was, code = Interrupted.of_form(), "".join(request.form.get("code", "").split())
    try:
        token = step_up.step_up_by_code(
            db_session(),
            here(),
            code,
            now(),
            challenge=as_challenge(session.get(_CHALLENGE)),
            code_will_do=services().settings.demo,
        )
    except Problem as problem:
        db_session().commit()  # a wrong code uses up a try
        return page("confirm/code.html", problem=problem, was=was)
    return _go_on(was, token)


@blueprint.post("/confirm/passkey")
@requires()
@limited("step-up-token", quota=60, window=600)
@own_always
def by_passkey() -> Response:
    was = Interrupted.of_form()
    try:
        token = passkeys.step_up(db_session(), site(), here(), reply(), now())
    except Problem as problem:
        db_session().commit()  # the question is used up
        return _ask(was, problem)
    return _go_on(was, token)


def _go_on(was: Interrupted, token: str) -> Response:
    """To the page, or to the form again, which a script sends; with the session's new token."""
    live = find_session(db_session(), token, now())
    if live is None:
        raise Problem("sign-in-needed")
    new_browser()
    if was.fields is None:
        answer = make_response(redirect(was.path, 303))
    else:
        answer = page("confirm/go_on.html", was=was)
    return set_token(answer, token, live.expires_at - now())

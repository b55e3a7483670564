"""Passkeys for programs, and confirming afresh who one is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.acting import own_always
from app.context import db_session, now, services
from app.errors import Problem
from app.idempotency import idempotent
from app.identity import step_up
from app.identity.api.blueprint import blueprint
from app.identity.passkeys import service as passkeys
from app.identity.passkeys.ceremony import Site
from app.identity.passkeys.models import Passkey
from app.identity.passkeys.schemas import (
    NewPasskey,
    PasskeyAnswer,
    PasskeyChallengeOut,
    PasskeyList,
    PasskeyOut,
    StepUpCode,
)
from app.identity.passkeys.service import Asked, Here, Reply
from app.identity.schemas import SignInCodeSent, TokenOut
from app.identity.sign_in import CODE_MINUTES, CODE_TRIES, find_session
from app.limits import caller, limited
from app.openapi import answers, body
from app.security import principal, public, requires, requires_step_up

_NO_STORE = {"Cache-Control": "no-store"}


def site() -> Site:
    """Where this city's passkeys belong."""
    return Site.of(services().settings.public_url)


def here() -> Here:
    """Who asks, in which session."""
    return Here(principal().person_id, principal().session_id)


@blueprint.post("/sign-in/passkey/challenge")
@public
@limited("sign-in-passkey", quota=240, window=600)
@answers(PasskeyChallengeOut)
def ask_sign_in() -> Asked:
    """What navigator.credentials.get is to be asked; no address is needed. Five minutes, once."""
    return passkeys.ask_sign_in(db_session(), site(), now())


@blueprint.post("/sign-in/passkey/offer")
@public
@limited("sign-in-passkey-offer", quota=240, window=600)
@answers(PasskeyChallengeOut)
def offer_sign_in() -> Asked:
    """The same for a page that asks by itself as often as it is opened: counted apart, so that
    open pages of a network leave its people the button."""
    return passkeys.ask_sign_in(db_session(), site(), now())


@blueprint.post("/sign-in/passkey")
@public
@limited("sign-in-token", quota=60, window=600)
@body(PasskeyAnswer)
@answers(TokenOut)
def sign_in_by_passkey(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Gives a token for the passkey's answer, to be sent as Authorization: Bearer."""
    reply = Reply(body["challenge"], body["credential"])
    return _token(passkeys.sign_in(db_session(), site(), reply, "api", now()))


@blueprint.get("/me/passkeys")
@requires()
@answers(PasskeyList)
def list_passkeys() -> dict[str, Any]:
    """This person's passkeys, oldest first."""
    rows = passkeys.passkeys_of(db_session(), principal().person_id)
    return {"items": [_shown(row) for row in rows]}


@blueprint.post("/me/passkeys/challenge")
@requires()
@requires_step_up
@answers(PasskeyChallengeOut)
def ask_new() -> Asked:
    """What navigator.credentials.create is to be asked. Five minutes, once."""
    return passkeys.ask_new(db_session(), site(), here(), now())


@blueprint.post("/me/passkeys")
@requires()
@requires_step_up
@idempotent
@body(NewPasskey)
@answers(PasskeyOut, status=201)
def add_passkey(body: dict[str, Any]) -> dict[str, Any]:
    """Registers what the device made; a letter says so. It stands behind this token at once."""
    reply = Reply(body["challenge"], body["credential"])
    return _shown(
        passkeys.add_passkey(db_session(), site(), here(), reply, now(), name=body["name"])
    )


@blueprint.post("/me/passkeys/<uuid:passkey_id>/removal")
@requires()
@requires_step_up
@idempotent
@answers(None, status=204)
def remove_passkey(passkey_id: UUID) -> None:
    """It signs nobody in any more; a letter says so."""
    passkeys.remove_passkey(db_session(), passkey_id, principal().person_id, now())


@blueprint.post("/me/step-up/passkey/challenge")
@requires()
@answers(PasskeyChallengeOut)
@own_always
def ask_step_up() -> Asked:
    """What navigator.credentials.get is to be asked, of this person's passkeys."""
    return passkeys.ask_step_up(db_session(), site(), here(), now())


@blueprint.post("/me/step-up/passkey")
@requires()
@body(PasskeyAnswer)
@answers(TokenOut)
@own_always
def step_up_by_passkey(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Confirms for five minutes that it is you. The answer's token takes the place of this one."""
    reply = Reply(body["challenge"], body["credential"])
    return _token(passkeys.step_up(db_session(), site(), here(), reply, now()))


@blueprint.post("/me/step-up/code")
@requires()
@limited("step-up-code", quota=30, window=600)
@answers(SignInCodeSent, status=202)
@own_always
def send_code() -> dict[str, Any]:
    """Sends six digits to one's own address, to confirm with. Staff with a passkey use that."""
    challenge = step_up.send_step_up_code(
        db_session(), here(), now(), caller=caller(), code_will_do=services().settings.demo
    )
    return {"challenge": challenge, "minutes": CODE_MINUTES, "tries": CODE_TRIES}


@blueprint.post("/me/step-up/token")
@requires()
@limited("step-up-token", quota=60, window=600)
@body(StepUpCode)
@answers(TokenOut)
@own_always
def step_up_by_code(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Confirms for five minutes that it is you. The answer's token takes the place of this one."""
    token = step_up.step_up_by_code(
        db_session(),
        here(),
        "".join(body["code"].split()),
        now(),
        challenge=body["challenge"],
        code_will_do=services().settings.demo,
    )
    return _token(token)


def _token(token: str) -> tuple[dict[str, Any], dict[str, str]]:
    live = find_session(db_session(), token, now())
    if live is None:
        raise Problem("sign-in-needed")
    found = {"token": token, "person_id": live.person_id, "expires_at": live.expires_at}
    return found, _NO_STORE


def _shown(row: Passkey) -> dict[str, Any]:
    return row.model_dump() | {"name": passkeys.name_of(db_session(), row)}

"""Signing in for programs, and what a person may ask of themselves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.acting import own_always
from app.context import db_session, language, now, services
from app.errors import Problem
from app.idempotency import idempotent
from app.identity import service as identity
from app.identity.age_asked import age_due, month_of, say_age
from app.identity.api.blueprint import blueprint
from app.identity.models import Organisation, Role
from app.identity.presence import Presence
from app.identity.schemas import (
    AgeSaid,
    MeChanges,
    MeOut,
    NewOrganisation,
    NewSignInCode,
    NewToken,
    OrganisationOut,
    PartnerList,
    PresenceOut,
    SessionList,
    SessionsEnded,
    SignInCodeSent,
    TokenOut,
)
from app.identity.sign_in import CODE_MINUTES, CODE_TRIES
from app.limits import caller, limited
from app.openapi import answers, body
from app.route_marks import in_a_shift_too
from app.security import principal, public, requires

_NO_STORE = {"Cache-Control": "no-store"}


@blueprint.post("/sign-in/code")
@public
@limited("sign-in-code", quota=30, window=600)
@body(NewSignInCode)
@answers(SignInCodeSent, status=202)
def ask_code(body: dict[str, Any]) -> dict[str, Any]:
    """Sends six digits to the address, whether it is known or not; they answer this challenge."""
    spoken = body["language"] or language()
    challenge = identity.request_sign_in(
        db_session(), body["email"], spoken, now(), caller=caller()
    )
    return {"challenge": challenge, "minutes": CODE_MINUTES, "tries": CODE_TRIES}


@blueprint.post("/sign-in/token")
@public
@limited("sign-in-token", quota=60, window=600)
@body(NewToken)
@answers(TokenOut)
def take_token(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Gives a token for a right code, to be sent as Authorization: Bearer."""
    code = "".join(body["code"].split())
    token = identity.finish_sign_in(
        db_session(),
        body["email"],
        code,
        "api",
        now(),
        challenge=body["challenge"],
        language=language(),
    )
    live = identity.find_session(db_session(), token, now())
    if live is None:
        raise Problem("sign-in-needed")
    found = {"token": token, "person_id": live.person_id, "expires_at": live.expires_at}
    return found, _NO_STORE


@blueprint.post("/sign-out")
@requires()
@in_a_shift_too
@answers(None, status=204)
@own_always
def sign_out() -> None:
    """Makes the token worthless."""
    identity.end_session(db_session(), principal().session_id, now())


@blueprint.get("/me/sessions")
@requires()
@answers(SessionList)
def list_sessions() -> dict[str, Any]:
    """Where this person is signed in, newest first."""
    caller = principal()
    rows = identity.sessions_of(db_session(), caller.person_id, now())
    return {"items": [row.model_dump() | {"own": row.id == caller.session_id} for row in rows]}


@blueprint.post("/me/sessions/<uuid:session_id>/end")
@requires()
@idempotent
@answers(None, status=204)
def end_session(session_id: UUID) -> None:
    """Signs out there."""
    identity.end_own_session(db_session(), session_id, principal().person_id, now())


@blueprint.post("/me/sessions/others/end")
@requires()
@idempotent
@answers(SessionsEnded)
def end_others() -> dict[str, int]:
    """Signs out everywhere but here."""
    caller = principal()
    ended = identity.end_other_sessions(db_session(), caller.person_id, caller.session_id, now())
    return {"ended": ended}


@blueprint.get("/me")
@requires()
@answers(MeOut)
@own_always
def me() -> dict[str, Any]:
    """Who the token belongs to: level, roles, accounts; `acting_under` a mandate, for another."""
    return _me()


@blueprint.patch("/me")
@requires()
@idempotent
@body(MeChanges)
@answers(MeOut)
def change_me(body: dict[str, Any]) -> dict[str, Any]:
    """Changes the language that letters come in."""
    identity.set_language(db_session(), principal().person_id, body["language"])
    return _me()


@blueprint.post("/me/age")
@requires()
@idempotent
@body(AgeSaid)
@answers(MeOut)
def say_own_age(body: dict[str, Any]) -> dict[str, Any]:
    """Says the age band where `ask_age` is true, or that one would rather not; permissions that a
    parent agreed to end with the band of under fifteen."""
    month = month_of(body["month"])
    say_age(db_session(), principal().person_id, body["band"], month=month, now=now())
    return _me()


@blueprint.get("/me/presence")
@requires()
@answers(PresenceOut)
def presence() -> tuple[Presence, dict[str, str]]:
    """What this person's device makes its one-minute codes from; made at the first call.

    A code is a TOTP of RFC 6238: HMAC-SHA-256 over the base32 secret (no padding), six digits,
    `step_seconds` long. It works without network and is typed with the short number.
    """
    return identity.presence_secret(db_session(), principal().person_id, now()), _NO_STORE


@blueprint.post("/me/presence")
@requires()
@idempotent
@answers(PresenceOut, status=201)
def renew_presence() -> tuple[Presence, dict[str, str]]:
    """A new number and secret, for a lost device; the old ones stop at once."""
    return identity.renew_presence_secret(db_session(), principal().person_id, now()), _NO_STORE


@blueprint.get("/partners")
@public
@answers(PartnerList)
def partners() -> dict[str, Any]:
    """Whose trips a citizen may let count, by name: POST /me/rider-link-codes takes the id."""
    return {"items": identity.partners(db_session())}


@blueprint.post("/organisations")
@requires(Role.OFFICER)
@idempotent
@body(NewOrganisation)
@answers(OrganisationOut, status=201)
def enter_organisation(body: dict[str, Any]) -> Organisation:
    """Enters a body that vouches, brings data or takes tokens. It may do none of it yet: its
    key, or its shop, needs another officer."""
    by = principal().person_id
    zone = services().settings.time_zone.key
    return identity.create_organisation(db_session(), by=by, now=now(), time_zone=zone, **body)


def _me() -> dict[str, Any]:
    caller = principal()
    found = identity.person(db_session(), caller.person_id)
    return {
        "id": found.id,
        "identity_level": found.identity_level,
        "language": found.language,
        "simulated": found.simulated,
        "age_band": found.age_band,
        "ask_age": age_due(db_session(), found, now()),
        "acting_under": caller.acting.mandate_id if caller.acting else None,
        "roles": [
            {"role": role, "organisation_id": organisation_id}
            for role, organisations in caller.roles.items()
            for organisation_id in organisations
        ],
        "accounts": identity.accounts_of(db_session(), caller.person_id),
    }

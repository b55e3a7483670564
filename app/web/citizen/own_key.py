"""The page of who keeps the key of their wallet themselves. All of it happens in the browser, which
asks the API: the server sends words and addresses, and never gets a key."""

from __future__ import annotations

import base64

from flask import Response

from app.context import db_session, now
from app.idempotency import idempotent
from app.identity.models import Role
from app.identity.passkeys.service import passkeys_of
from app.recovery import announcing
from app.recovery.move_models import AnnouncementEnd
from app.recovery.rules import OLD_PASSKEY
from app.security import principal, requires
from app.web.citizen.me import blueprint
from app.web.parts import to_another_key
from app.web.shell import page, to


@blueprint.get("/me/key")
@requires(Role.CITIZEN)
def own_key() -> Response:
    session, person, at = db_session(), principal().person_id, now()
    known = [one for one in passkeys_of(session, person) if one.cloned_at is None]
    old = [one for one in known if one.created_at <= at - OLD_PASSKEY]
    return page(
        "me/key.html",
        announced=to_another_key(person),
        passkeys=[_named(one.credential_id) for one in known],
        old_passkeys=[_named(one.credential_id) for one in old],
    )


@blueprint.post("/me/key/stop")
@requires()
@idempotent
def stop_moves() -> Response:
    """By any session of the person's: a thief's telephone asks for moves, and stops none of ours
    for longer than it takes to ask anew."""
    person = principal().person_id
    announcing.end_all(db_session(), person, AnnouncementEnd.STOPPED, now())
    return to("me.own_key")


def _named(credential_id: bytes) -> str:
    return base64.urlsafe_b64encode(credential_id).decode().rstrip("=")

"""The page of who keeps the key of their wallet themselves. All of it happens in the browser, which
asks the API: the server sends words and addresses, and never gets a key."""

from __future__ import annotations

import base64

from flask import Response

from app.context import db_session
from app.identity.models import Role
from app.identity.passkeys.service import passkeys_of
from app.security import principal, requires
from app.web.me import blueprint
from app.web.shell import page


@blueprint.get("/me/key")
@requires(Role.CITIZEN)
def own_key() -> Response:
    session, person = db_session(), principal().person_id
    return page(
        "me/key.html",
        passkeys=[_named(one.credential_id) for one in passkeys_of(session, person)],
    )


def _named(credential_id: bytes) -> str:
    return base64.urlsafe_b64encode(credential_id).decode().rstrip("=")

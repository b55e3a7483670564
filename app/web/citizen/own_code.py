"""The code that a person shows at a counter: made by their device, or by the server for it."""

from __future__ import annotations

from flask import Response

from app.context import db_session, now
from app.identity.models import Role
from app.identity.presence import STEP_SECONDS, code_at, presence_secret
from app.security import principal, requires
from app.web import formats
from app.web.citizen.me import blueprint
from app.web.parts import available_of
from app.web.shell import page
from app.web.welcome import tour_state


@blueprint.get("/me/code")
@requires(Role.CITIZEN)
def code() -> Response:
    tour_state.mark("code")
    own = presence_secret(db_session(), principal().person_id, now())
    db_session().commit()  # a GET, but the first visit makes the secret
    return page(
        "me/code.html",
        secret=own.secret,
        short_number=own.short_number,
        balance_cents=available_of(principal().person_id),
        as_of=formats.moment(now()),  # the page is kept and shown without network too
    )


@blueprint.get("/me/code/now")
@requires(Role.CITIZEN)
def code_now() -> Response:
    """For browsers without JavaScript: the server makes the code, and the page asks again when its
    minute is over. Not kept, and needs the network."""
    at = now()
    own = presence_secret(db_session(), principal().person_id, at)
    db_session().commit()
    left = STEP_SECONDS - int(at.timestamp()) % STEP_SECONDS
    shown = page(
        "me/code_now.html",
        short_number=own.short_number,
        time_code=code_at(own.secret, at),
        left=left,
    )
    shown.headers["Refresh"] = str(left)
    shown.headers["Cache-Control"] = "no-store"
    return shown

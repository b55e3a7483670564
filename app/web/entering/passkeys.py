"""A person's passkeys on their own page: added, seen, removed."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

from flask import Response, request

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.api.passkeys import here, site
from app.identity.passkeys import service as passkeys
from app.identity.passkeys.models import Passkey
from app.identity.passkeys.schemas import PasskeyName
from app.principal import Principal
from app.security import principal, requires, requires_step_up
from app.web import formats, forms
from app.web.citizen.me import blueprint
from app.web.entering.passkey_form import reply
from app.web.shell import page, to
from app.web.telling.people_view import ROLE_WORDS


def passkey_view(caller: Principal) -> SimpleNamespace:
    """`waiting`: the roles that count only with a passkey, in words."""
    return SimpleNamespace(
        items=[_shown(row) for row in passkeys.passkeys_of(db_session(), caller.person_id)],
        waiting=", ".join(sorted(str(ROLE_WORDS[role]) for role in caller.held_back)),
    )


def _shown(row: Passkey) -> SimpleNamespace:
    return SimpleNamespace(
        id=row.id,
        name=passkeys.name_of(db_session(), row),
        added=formats.moment(row.created_at),
        used=formats.moment(row.last_used_at) if row.last_used_at else None,
        blocked=row.cloned_at is not None,
    )


@blueprint.get("/me/passkeys/new")
@requires()
@requires_step_up
def new_passkey() -> Response:
    return page("me/passkey.html", name="")


@blueprint.post("/me/passkeys")
@requires()
@requires_step_up
@idempotent
def add_passkey() -> Response:
    try:
        named = forms.load(PasskeyName, forms.given("name"))
        passkeys.add_passkey(db_session(), site(), here(), reply(), now(), name=named["name"])
    except Problem as problem:
        if problem.keep:
            db_session().commit()  # the question is used up
        else:
            db_session().rollback()
        return page("me/passkey.html", problem=problem, name=request.form.get("name", ""))
    return to("me.data", _anchor="passkeys")


@blueprint.post("/me/passkeys/<uuid:passkey_id>/removal")
@requires()
@requires_step_up
@idempotent
def remove_passkey(passkey_id: UUID) -> Response:
    passkeys.remove_passkey(db_session(), passkey_id, principal().person_id, now())
    return to("me.data", _anchor="passkeys")

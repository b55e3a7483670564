"""A citizen's links to partners: each agreed to by itself, ended with one click."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from uuid import UUID

from flask import Response, request

from app.actions.imports import links
from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity import service as identity
from app.identity.models import Organisation, Role
from app.privacy.notices import purpose_named
from app.security import principal, requires
from app.typography import with_breaks_kept
from app.web.citizen.me import blueprint
from app.web.shell import page, to
from app.web.words import locale


@blueprint.get("/me/partners")
@requires(Role.CITIZEN)
def partners() -> Response:
    return _partners(None)


def _partners(
    code: str | None, problem: Problem | None = None, *, at: UUID | None = None
) -> Response:
    """`at`: the partner that the code is for."""
    session = db_session()
    linked = {
        link.organisation_id: link.linked_at
        for link in links.links_of(session, principal().person_id)
    }
    return page(
        "me/partners.html",
        problem=problem,
        code=code,
        coded=at,
        partners=[_partner(row, linked.get(row.id)) for row in identity.partners(session)],
    )


def _partner(row: Organisation, linked_at: datetime | None) -> SimpleNamespace:
    notice = purpose_named(links.PURPOSE)
    return SimpleNamespace(
        id=row.id,
        name=row.name,
        linked_at=linked_at,
        notice=with_breaks_kept(notice.texts[locale()]["text"]),
        version=notice.version,
    )


@blueprint.post("/me/partners/<uuid:organisation_id>")
@requires(Role.CITIZEN)
@idempotent
def link(organisation_id: UUID) -> Response:
    """Consent to this partner, and the one-time code that shows it to them."""
    try:
        code, _ends = links.make_code(
            db_session(),
            person_id=principal().person_id,
            organisation_id=organisation_id,
            now=now(),
            notice_version=request.form.get("notice_version", ""),
            language=locale(),
        )
    except Problem as problem:
        db_session().rollback()
        return _partners(None, problem)
    return _partners(code, at=organisation_id)


@blueprint.post("/me/partners/<uuid:organisation_id>/end")
@requires(Role.CITIZEN)
@idempotent
def unlink(organisation_id: UUID) -> Response:
    person = principal().person_id
    for one in links.links_of(db_session(), person):
        if one.organisation_id == organisation_id:
            links.revoke_link(db_session(), link_id=one.id, person_id=person, now=now())
    return to("me.partners")

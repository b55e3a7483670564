"""A citizen's links to partners: agreed to with a code, ended at any time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.actions.api.blueprint import blueprint
from app.actions.api.import_schemas import LinkCodeOut, LinkList, LinkOut, NewLink, NewLinkCode
from app.actions.imports import links
from app.actions.models import RiderLink
from app.context import db_session, language, now
from app.errors import NotFound
from app.idempotency import idempotent
from app.identity.models import Organisation, OrganisationKind, Role
from app.limits import limited
from app.openapi import answers, body
from app.security import principal, requires


@blueprint.post("/me/rider-link-codes")
@requires(Role.CITIZEN)
@idempotent
@body(NewLinkCode)
@answers(LinkCodeOut, status=201)
def make_code(body: dict[str, Any]) -> dict[str, Any]:
    """Agrees to a partner's trips and gives the code to type there, valid for an hour."""
    partner = db_session().get(Organisation, body["organisation_id"])
    if partner is None or partner.kind is not OrganisationKind.PARTNER:
        raise NotFound
    own, shown = principal().person_id, language()
    code, ends = links.make_code(db_session(), person_id=own, now=now(), language=shown, **body)
    return {"code": code, "expires_at": ends}


@blueprint.get("/me/rider-links")
@requires(Role.CITIZEN)
@answers(LinkList)
def own_links() -> dict[str, Any]:
    """The citizen's live links."""
    return {"items": links.links_of(db_session(), principal().person_id)}


@blueprint.delete("/me/rider-links/<uuid:link_id>")
@requires(Role.CITIZEN)
@idempotent
@answers(None, status=204)
def end_link(link_id: UUID) -> None:
    """Ends a link and the consent behind it; no later trip is kept."""
    links.revoke_link(db_session(), link_id=link_id, person_id=principal().person_id, now=now())


@blueprint.post("/rider-links")
@requires(Role.PARTNER)
@limited("rider-links", quota=60, window=600)
@idempotent
@body(NewLink)
@answers(LinkOut, status=201)
def link(body: dict[str, Any]) -> RiderLink:
    """The partner's rider is whoever gave this code."""
    organisation_id = principal().organisation(Role.PARTNER)
    return links.link_rider(db_session(), organisation_id=organisation_id, now=now(), **body)

"""The officer's page of net shares: what a programme takes to be its own doing, and why."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Role
from app.impact.catalogue import catalogue
from app.reporting.models import NetShare
from app.reporting.net_shares import Typed, kinds, net_shares_of, set_net_share
from app.rewards.valuing.authenticate import programme_of
from app.security import principal, requires
from app.web import formats
from app.web.office.overview import blueprint
from app.web.shell import page, to
from app.web.words import locale


@blueprint.get("/office/programmes/<uuid:programme_id>/net-shares")
@requires(Role.OFFICER)
def net_shares(programme_id: UUID) -> Response:
    return _shares(programme_id)


@blueprint.post("/office/programmes/<uuid:programme_id>/net-shares")
@requires(Role.OFFICER)
@idempotent
def add_net_share(programme_id: UUID) -> Response:
    typed = Typed(**{name: request.form.get(name, "") for name in Typed.__annotations__})
    try:
        set_net_share(db_session(), programme_id, typed, by=principal().person_id, now=now())
    except Problem as problem:
        db_session().rollback()
        return _shares(programme_id, problem, typed)
    return to("office.net_shares", programme_id=programme_id)


def _shares(
    programme_id: UUID, problem: Problem | None = None, typed: Typed | None = None
) -> Response:
    programme = programme_of(db_session(), programme_id)
    return page(
        "office/net_shares.html",
        problem=problem,
        typed=typed or Typed("", "", "", ""),
        programme_id=programme_id,
        name=programme.name[locale()],
        kinds=[(kind.id, kind.name[locale()]) for kind in kinds()],
        shares=[_shown(share) for share in net_shares_of(db_session(), programme_id)],
    )


def _shown(share: NetShare) -> dict[str, Any]:
    return {
        "name": catalogue().action_type(share.action_type_id).name[locale()],
        "percent": formats.percent(share.permille * 10),
        "source": share.source,
        "since": formats.month(share.from_month),
        "set": formats.moment(share.set_at),
        "own": share.set_by == principal().person_id,
    }

"""What rules name and don't hold: read by anybody, entered by officers."""

from __future__ import annotations

from typing import Any

from sqlmodel import col

from app.context import db_session, now
from app.governance.models import Proposal
from app.governance.schemas import ProposalOut
from app.idempotency import idempotent
from app.identity.models import Role
from app.openapi import answers, body, query
from app.paging import page
from app.rewards.api.blueprint import blueprint
from app.rewards.api.outside_schemas import (
    NewOutside,
    OutsideDataOut,
    OutsideList,
    OutsideQuery,
)
from app.rewards.outside import queries
from app.rewards.outside.models import OutsideData
from app.rewards.outside.publishing import propose_outside
from app.security import principal, public, requires


@blueprint.get("/outside-data")
@public
@query(OutsideQuery)
@answers(OutsideList)
def outside_data(query: dict[str, Any]) -> dict[str, Any]:
    """Every version of every calendar, zone and number that rules may name, newest first."""
    asked = queries.all_versions(query["kind"], query["name"])
    rows, cursor = page(
        db_session(), asked, key=col(OutsideData.id), cursor=query["cursor"], limit=query["limit"]
    )
    return {"items": rows, "next_cursor": cursor}


@blueprint.get("/outside-data/<kind>/<name>/<int:version>")
@public
@answers(OutsideDataOut)
def one_outside_version(kind: str, name: str, version: int) -> OutsideData:
    """A version with what it says. Its hash is of `kind`, `name`, `source`, `licence`, `data`."""
    return queries.one_version(db_session(), queries.kind_of(kind), name, version)


@blueprint.post("/outside-data")
@requires(Role.OFFICER)
@idempotent
@body(NewOutside)
@answers(ProposalOut, status=201)
def propose_outside_data(body: dict[str, Any]) -> Proposal:
    """Proposes the first or the next version of what a name stands for, for deeds from
    `valid_from` on. Another officer's confirmation freezes it."""
    by = principal().person_id
    return propose_outside(
        db_session(), body["document"], valid_from=body["valid_from"], by=by, now=now()
    )

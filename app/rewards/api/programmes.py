"""Programmes: read by anybody, made and ruled by officers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from app.context import db_session, language, now, services
from app.governance.models import Proposal
from app.governance.schemas import ProposalOut
from app.idempotency import idempotent
from app.identity.models import Role
from app.openapi import answers, body
from app.reporting.progress import Progress
from app.reporting.progress import progress as published_progress
from app.rewards import programmes, queries
from app.rewards.api.blueprint import blueprint
from app.rewards.api.schemas import (
    NewProgrammeIn,
    NewRules,
    PossibleList,
    ProgrammeList,
    ProgrammeOut,
    ProgressOut,
    RulesList,
)
from app.rewards.models import Programme, RuleSet
from app.rewards.rule_sets import rule_changes
from app.rewards.valuing import decided
from app.rewards.valuing.authenticate import programme_of
from app.security import principal, public, requires

__all__ = ["decided"]  # what confirmed proposals do


@blueprint.get("/programmes")
@public
@answers(ProgrammeList)
def all_programmes() -> dict[str, Sequence[Programme]]:
    """All programmes, newest first."""
    return {"items": queries.programmes(db_session())}


@blueprint.get("/programmes/<uuid:programme_id>")
@public
@answers(ProgrammeOut)
def one_programme(programme_id: UUID) -> Programme:
    """A programme's dates, timetable and token."""
    return programme_of(db_session(), programme_id)


@blueprint.get("/programmes/<uuid:programme_id>/progress")
@public
@answers(ProgressOut)
def progress(programme_id: UUID) -> Progress:
    """What everybody did so far, as published: sums of cells of five people or more each."""
    return published_progress(db_session(), programme_of(db_session(), programme_id).chain_id)


@blueprint.get("/programmes/<uuid:programme_id>/possible-actions")
@public
@answers(PossibleList)
def possible(programme_id: UUID) -> dict[str, Any]:
    """What can be done today, and what it brings."""
    programme = programme_of(db_session(), programme_id)
    return {"items": queries.possible(db_session(), programme, now(), language())}


@blueprint.get("/programmes/<uuid:programme_id>/rule-sets")
@public
@answers(RulesList)
def rule_sets(programme_id: UUID) -> dict[str, Any]:
    """Every version of a programme's rules, newest first, with the hash that the chain holds."""
    query = select(RuleSet).where(col(RuleSet.programme_id) == programme_id)
    return {"items": db_session().scalars(query.order_by(col(RuleSet.version).desc())).all()}


@blueprint.post("/programmes")
@requires(Role.OFFICER)
@idempotent
@body(NewProgrammeIn)
@answers(ProposalOut, status=201)
def create(body: dict[str, Any]) -> Proposal:
    """Proposes a programme with its first rules. Once another officer confirms, it is a draft;
    it is published once the chain has made its token, and runs from its first day on."""
    acknowledged = body.pop("acknowledged")
    new = programmes.NewProgramme(time_zone=services().settings.time_zone.key, **body)
    by = principal().person_id
    return rule_changes.propose_programme(
        db_session(), new, by=by, now=now(), acknowledged=acknowledged
    )


@blueprint.post("/programmes/<uuid:programme_id>/rule-sets")
@requires(Role.OFFICER)
@idempotent
@body(NewRules)
@answers(ProposalOut, status=201)
def publish(programme_id: UUID, body: dict[str, Any]) -> Proposal:
    """Proposes the next version of the rules, for deeds from `valid_from` on. Another officer's
    confirmation freezes it and sends its hash to the chain."""
    return rule_changes.propose_rules(
        db_session(),
        programme_of(db_session(), programme_id),
        body["rules"],
        valid_from=body["valid_from"],
        acknowledged=body["acknowledged"],
        by=principal().person_id,
        now=now(),
    )


@blueprint.post("/programmes/<uuid:programme_id>/pause")
@requires(Role.OFFICER)
@idempotent
@answers(ProgrammeOut)
def pause(programme_id: UUID) -> Programme:
    """Stops recording; what was accepted is still credited and paid."""
    return programmes.pause(db_session(), programme_id, by=principal().person_id, now=now())


@blueprint.post("/programmes/<uuid:programme_id>/resumption")
@requires(Role.OFFICER)
@idempotent
@answers(ProgrammeOut)
def resume(programme_id: UUID) -> Programme:
    """Lets a paused programme run again."""
    return programmes.resume(db_session(), programme_id, by=principal().person_id, now=now())

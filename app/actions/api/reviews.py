"""Refusals, appeals and reversals: reasons of a list, answered by a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.actions import queries, review
from app.actions.api.appeal_schemas import (
    AppealOut,
    AppealPage,
    AppealRead,
    NewAnswer,
    NewAppeal,
)
from app.actions.api.blueprint import blueprint
from app.actions.api.fact_schemas import NewFacts
from app.actions.api.schemas import (
    ActionOut,
    ActionPage,
    WaitingPage,
    WithReason,
)
from app.actions.api.view import page_of, shown
from app.actions.models import Action, ActionState, Appeal
from app.context import db_session, now
from app.errors import NotFound
from app.governance.models import Proposal
from app.governance.schemas import ProposalOut
from app.idempotency import idempotent
from app.identity.models import Role
from app.openapi import answers, body, query
from app.paging import PageQuery
from app.privacy.service import Actor
from app.rewards.batches import held_up
from app.rewards.valuing import deeds
from app.rewards.valuing.completing import propose_facts
from app.rewards.valuing.decided import propose_reversal
from app.security import principal, requires


@blueprint.get("/refusals")
@requires(Role.OFFICER)
@query(PageQuery)
@answers(ActionPage)
def refusals(query: dict[str, Any]) -> dict[str, Any]:
    """Refused deeds with their reasons, newest first; no citizen's name."""
    return page_of(queries.in_state(db_session(), ActionState.REFUSED, **query))


@blueprint.get("/waiting-actions")
@requires(Role.OFFICER)
@query(PageQuery)
@answers(WaitingPage)
def waiting(query: dict[str, Any]) -> dict[str, Any]:
    """Deeds that wait for a person: over a ceiling, or of which the rules ask what isn't known;
    refused by the chain; or promised in a programme that has ended."""
    found = held_up.all_held_up(db_session(), **query)
    refused = held_up.refused_by_chain(db_session(), found[0])
    ended = held_up.ended_of(db_session(), found[0])
    shown_page = page_of(found)
    for row, item in zip(found[0], shown_page["items"], strict=True):
        item["chain_refusal"] = refused.get(row.id)
        item["may_release"] = held_up.may_release(row, ended)
    return shown_page


@blueprint.post("/actions/<uuid:action_id>/refusal")
@requires(Role.OFFICER)
@idempotent
@body(WithReason)
@answers(ActionOut)
def refuse(action_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Refuses a deed that is not batched yet; its doer is told why and what to do."""
    by = principal().person_id
    return shown(deeds.refuse(db_session(), action_id, by=by, now=now(), **body))


@blueprint.post("/actions/<uuid:action_id>/release")
@requires(Role.OFFICER)
@idempotent
@answers(ActionOut)
def release(action_id: UUID) -> dict[str, Any]:
    """Lets through a deed that waited over its organisation's ceiling, or that the chain
    refused."""
    return shown(deeds.release(db_session(), action_id, by=principal().person_id, now=now()))


@blueprint.post("/actions/<uuid:action_id>/facts")
@requires(Role.OFFICER)
@idempotent
@body(NewFacts)
@answers(ProposalOut, status=201)
def complete(action_id: UUID, body: dict[str, Any]) -> Proposal:
    """Names what the rules ask of a waiting deed, and how it is known. Once another officer
    confirms, the deed is valued by the rules of its day, and its doer is told."""
    by = principal().person_id
    return propose_facts(db_session(), action_id, by=by, now=now(), **body)


@blueprint.post("/actions/<uuid:action_id>/reversal")
@requires(Role.OFFICER)
@idempotent
@body(WithReason)
@answers(ProposalOut, status=201)
def reverse(action_id: UUID, body: dict[str, Any]) -> Proposal:
    """Proposes to take a settled deed out of the figures; another officer confirms."""
    by = principal().person_id
    return propose_reversal(db_session(), action_id=action_id, by=by, now=now(), **body)


@blueprint.post("/actions/<uuid:action_id>/appeal")
@requires(Role.CITIZEN)
@idempotent
@body(NewAppeal)
@answers(AppealOut, status=201)
def appeal(action_id: UUID, body: dict[str, Any]) -> Appeal:
    """Objects to the refusal of an own deed; a person answers."""
    person_id = principal().person_id
    return review.appeal(db_session(), action_id=action_id, person_id=person_id, now=now(), **body)


@blueprint.get("/appeals")
@requires(Role.OFFICER)
@query(PageQuery)
@answers(AppealPage)
def appeals(query: dict[str, Any]) -> dict[str, Any]:
    """Appeals that wait for an answer, newest first."""
    rows, cursor = queries.open_appeals(db_session(), **query)
    return {"items": rows, "next_cursor": cursor}


@blueprint.get("/appeals/<uuid:appeal_id>")
@requires(Role.OFFICER, Role.CITIZEN)
@answers(AppealRead)
def read_appeal(appeal_id: UUID) -> dict[str, Any]:
    """An appeal's words; when an officer reads them, the citizen sees who did."""
    found = db_session().get(Appeal, appeal_id)
    if found is None:
        raise NotFound
    text, answer = review.read_appeal(db_session(), found, _reader(found))
    action = db_session().get_one(Action, found.action_id)
    words = {"text": text, "answer": answer, "action": shown(action)}
    return {**found.model_dump(), **words}


def _reader(found: Appeal) -> Actor:
    """The citizen themself or an officer. Raises NotFound for anybody else."""
    person = principal()
    if found.person_id == person.person_id:
        return Actor.subject(person.person_id)
    if not person.has(Role.OFFICER):
        raise NotFound
    return Actor(person.person_id, Role.OFFICER.value)


@blueprint.post("/appeals/<uuid:appeal_id>/answer")
@requires(Role.OFFICER)
@idempotent
@body(NewAnswer)
@answers(AppealOut)
def answer(appeal_id: UUID, body: dict[str, Any]) -> Appeal:
    """Answers an appeal. Upheld, the deed is valued by the rules of its day."""
    by = principal().person_id
    return deeds.answer_appeal(db_session(), appeal_id, by=by, now=now(), **body)

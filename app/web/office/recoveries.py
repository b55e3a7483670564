"""The officer's page of blocks and recoveries: block at once, propose, confirm, decide."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

from flask import Response, request
from sqlalchemy import Select, select
from sqlmodel import col

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity import service as identity
from app.identity.block_models import BlockChannel, WalletBlock
from app.identity.models import Role
from app.privacy.service import Actor
from app.recovery import blocks, cases, proposing
from app.recovery.models import DeathPaper, Recovery, RecoveryKind, RecoveryState, Seen
from app.recovery.schemas import NewBlock, NewDeath, NewDeviceRecovery, NewRecovery
from app.rewards.models import Programme
from app.rights import deaths
from app.security import principal, requires, requires_step_up
from app.web import formats, forms
from app.web.office.overview import blueprint
from app.web.shell import page, to
from app.web.telling import recovery_words as words
from app.web.words import locale

SHOWN = 50


@blueprint.get("/office/recoveries")
@requires(Role.OFFICER)
def recovery_list() -> Response:
    return _recoveries(None)


def _recoveries(problem: Problem | None) -> Response:
    session, at = db_session(), now()
    shown = [_case(case) for case in cases.open_cases(session, at)]
    held = [_block(row) for row in session.scalars(_in_force())]
    session.commit()  # reading addresses is recorded, though this is a GET
    return page(
        "office/recoveries.html",
        problem=problem,
        cases=shown,
        blocks=held,
        form=request.form,
        channels=[(one.value, str(words.CHANNEL[one])) for one in blocks.BY_OFFICERS],
        seen=[(one.value, str(words.SEEN[one])) for one in Seen],
        papers=[(one.value, str(words.PAPER[one])) for one in DeathPaper],
        programmes=[(str(one.id), one.name[locale()]) for one in session.scalars(_programmes())],
    )


def _in_force() -> Select[WalletBlock]:
    return (
        select(WalletBlock)
        .where(col(WalletBlock.lifted_at).is_(None), col(WalletBlock.until) > now())
        .order_by(col(WalletBlock.id).desc())
        .limit(SHOWN)
    )


def _programmes() -> Select[Programme]:
    return select(Programme).order_by(col(Programme.id))


def _case(case: Recovery) -> SimpleNamespace:
    actor, own = Actor(principal().person_id, Role.OFFICER.value), principal().person_id
    return SimpleNamespace(
        id=case.id,
        what=str(words.KIND[case.kind]),
        state=words.state(case),
        seen=words.seen(case),
        died=case.kind is RecoveryKind.DEATH,
        old=proposing.old_email(db_session(), case, actor),
        new=proposing.new_email(db_session(), case, actor) or case.new_address,
        since=formats.moment(case.proposed_at),
        own=own in (case.proposed_by, case.confirmed_by, case.person_id),
        mine=own == case.proposed_by,
        waits=case.state is RecoveryState.PROPOSED,
        by_code=case.kind is RecoveryKind.ADDRESS,
        proved=formats.moment(case.email_proved_at) if case.email_proved_at else None,
        may_object=words.may_object(case),
        to_decide=case.state is RecoveryState.OBJECTED,
    )


def _block(block: WalletBlock) -> SimpleNamespace:
    actor = Actor(principal().person_id, Role.OFFICER.value)
    email = identity.email_of(db_session(), block.person_id, purpose=proposing.PURPOSE, actor=actor)
    recovery = block.channel is BlockChannel.RECOVERY
    return SimpleNamespace(
        id=block.id,
        who=email,
        words=words.blocked(block),
        may_lift=not recovery and principal().person_id not in (block.by_person, block.person_id),
    )


@blueprint.post("/office/recoveries/blocks")
@requires(Role.OFFICER)
@idempotent
def block_person() -> Response:
    session, by = db_session(), principal().person_id
    try:
        said = forms.load(NewBlock, forms.given("known_by", "channel"))
        person = proposing.known_person(session, said["known_by"])
        channel = BlockChannel(said["channel"])
        blocks.block_wallet(session, person.id, channel=channel, by=by, now=now())
    except Problem as problem:
        session.rollback()
        return _recoveries(problem)
    return to("office.recovery_list")


@blueprint.post("/office/recoveries/blocks/<uuid:block_id>/end")
@requires(Role.OFFICER)
@idempotent
def lift_block(block_id: UUID) -> Response:
    try:
        blocks.lift_block(db_session(), block_id, by=principal().person_id, now=now())
    except Problem as problem:
        db_session().rollback()
        return _recoveries(problem)
    return to("office.recovery_list")


@blueprint.post("/office/recoveries")
@requires(Role.OFFICER)
@idempotent
def propose_recovery() -> Response:
    session, by, at = db_session(), principal().person_id, now()
    device = bool(request.form.get("new_address", "").strip())
    named = ("programme_id", "new_address") if device else ("email",)
    given = forms.given("known_by", "seen", *named)
    try:
        said = forms.load(NewDeviceRecovery if device else NewRecovery, given)
        seen = Seen(said.pop("seen"))
        propose = proposing.propose_device if device else proposing.propose_address
        propose(session, **said, seen=seen, by=by, now=at)
    except Problem as problem:
        session.rollback()
        return _recoveries(problem)
    return to("office.recovery_list")


@blueprint.post("/office/recoveries/deaths")
@requires(Role.OFFICER)
@requires_step_up
@idempotent
def propose_death() -> Response:
    session, by, at = db_session(), principal().person_id, now()
    try:
        said = forms.load(NewDeath, forms.given("known_by", "paper", "paper_on"))
        paper = DeathPaper(said.pop("paper"))
        deaths.propose(session, **said, paper=paper, by=by, now=at)
    except Problem as problem:
        session.rollback()
        return _recoveries(problem)
    return to("office.recovery_list")


@blueprint.post("/office/recoveries/<uuid:case_id>/confirmation")
@requires(Role.OFFICER)
@requires_step_up
@idempotent
def confirm_recovery(case_id: UUID) -> Response:
    """The second officer's yes, who has just proved who they are."""
    session, by, at = db_session(), principal().person_id, now()
    try:
        cases.confirm(session, case_id, by=by, now=at, code=request.form.get("code", "")[:20])
    except Problem as problem:
        session.commit() if problem.keep else session.rollback()  # a wrong code uses up a try
        return _recoveries(problem)
    return to("office.recovery_list")


@blueprint.post("/office/recoveries/<uuid:case_id>")
@requires(Role.OFFICER)
@idempotent
def decide_recovery(case_id: UUID) -> Response:
    """Take back, object for the person, or decide after an objection."""
    try:
        _decide(case_id, request.form.get("decision", ""))
    except Problem as problem:
        db_session().rollback()
        return _recoveries(problem)
    return to("office.recovery_list")


def _decide(case_id: UUID, said: str) -> None:
    session, by, at = db_session(), principal().person_id, now()
    match said:
        case "withdraw":
            cases.withdraw(session, case_id, now=at)
        case "object":
            cases.contest(session, case_id, by=by, now=at)
        case "for" | "against":
            cases.vote(session, case_id, in_favour=said == "for", by=by, now=at)
        case _:
            raise Problem("bad-request")

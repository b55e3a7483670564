"""Which due actions the next batch takes: in order of their dates, as far as money and gas go.

No account is credited that is a payee; a batch waits for ten accounts unless it is old; what
the budget or the day's ceiling doesn't cover waits, and the operator is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.clock import city_day
from app.outbox.kinds import MINTER
from app.outbox.models import OutboxItem, OutboxState
from app.outbox.pauses import paused
from app.outbox.service import incident_passed, report_incident
from app.rewards.batches.day_ends import PLANNED_FOR, Line
from app.rewards.batches.due import Due, Limits
from app.rewards.batches.line import standing_behind
from app.rewards.batches.plan_models import CreditPlan, Short
from app.rewards.models import Balance, Batch, BatchState, Funding, Programme, ProgrammeState

Selected = Select[*tuple[Any, ...]]
LIVE = (BatchState.FROZEN, BatchState.FINAL)
MINTING = (ProgrammeState.RUNNING, ProgrammeState.PAUSED, ProgrammeState.CLOSING)
NO_ROOM = "budget_or_ceiling_reached"
BASE_GAS, REPEAT_GAS, NEW_GAS = 200_000, 8_200, 26_500  # measured 7,680 and 25,150 an account


@dataclass(frozen=True)
class Chosen:
    """`full`: more was due than one batch takes."""

    actions: tuple[Action, ...]
    full: bool

    @property
    def accounts(self) -> set[str]:
        return {action.account_address for action in self.actions if action.reward_cents}


def due_programmes(session: Session, now: datetime) -> list[Programme]:
    """Programmes on the chain with something due, the longest waiting first.

    None while what was cut before stands still: more would only queue up behind it.
    """
    if MINTER in paused(session):
        return []
    due = (
        select(col(Action.programme_id), func.min(col(Action.due_at)).label("oldest"))
        .where(col(Action.state) == ActionState.AUTHENTICATED, col(Action.due_at) <= now)
        .group_by(col(Action.programme_id))
        .subquery()
    )
    query = (
        select(Programme)
        .join(due, due.c.programme_id == col(Programme.id))
        .where(
            col(Programme.token_address).is_not(None),
            col(Programme.state).in_(MINTING),
        )
        .order_by(due.c.oldest)
    )
    standing = set(session.scalars(_standing()))
    return [p for p in session.scalars(query) if "0x" + p.chain_id.hex() not in standing]


def _standing() -> Select[str]:
    """Programmes, as payloads name them, with a batch that the chain refuses for now or that is
    held."""
    refused = (col(OutboxItem.state) == OutboxState.WAITING) & col(OutboxItem.last_error).is_not(
        None
    )
    return select(type_coerce(col(OutboxItem.payload), JSONB)["programme_id"].astext).where(
        col(OutboxItem.kind) == "commit_batch",
        or_(refused, col(OutboxItem.state) == OutboxState.HELD),
    )


def choose(
    session: Session, programme: Programme, found: Due, now: datetime, limits: Limits
) -> Chosen:
    """The longest prefix that money and gas cover."""
    due = found.actions
    room, by_day = unspent_budget(session, programme), False
    if limits.daily_ceiling_cents is not None:
        left = limits.daily_ceiling_cents - minted_on_day(session, programme, now)
        room, by_day = min(room, left), left < room
    known = _with_balance(session, programme, {action.account_address for action in due})
    gas, cents, accounts = BASE_GAS, 0, set[str]()
    for number, action in enumerate(due):
        cents += action.reward_cents
        if action.account_address not in accounts:
            accounts.add(action.account_address)
            gas += REPEAT_GAS if action.account_address in known else NEW_GAS
        if cents > room:
            _report_no_room(session, programme, now, by_day=by_day)
            _note(session, programme, limits, Short.DAY_CEILING if by_day else Short.FUNDING, now)
        if cents > room or gas > limits.gas:
            return Chosen(tuple(due[:number]), full=gas > limits.gas)
    incident_passed(session, code=NO_ROOM, now=now, reference=str(programme.id))
    _note(session, programme, limits, Short.DAY_CEILING if found.over else None, now)
    return Chosen(tuple(due), full=len(due) >= limits.actions)


def ripe(programme: Programme, chosen: Chosen, now: datetime) -> bool:
    """Ten accounts, or a day old, or full; and somebody must be credited at all."""
    if not chosen.accounts:
        return False
    oldest = min(action.due_at for action in chosen.actions if action.due_at)
    old = oldest + timedelta(seconds=programme.batch_max_age_seconds) <= now
    return chosen.full or old or len(chosen.accounts) >= programme.batch_min_accounts


def unspent_budget(session: Session, programme: Programme) -> int:
    """Final funding less what batches took or will take."""
    funded = select(func.coalesce(func.sum(col(Funding.amount_cents)), 0)).where(
        col(Funding.programme_id) == programme.id, col(Funding.final_at).is_not(None)
    )
    return int(session.scalar(funded) or 0) - _sum(session, programme, col(Batch.state).in_(LIVE))


def minted_on_day(session: Session, programme: Programme, now: datetime) -> int:
    """What final blocks of this UTC day minted, and what is on its way and may be mined in it."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = (col(Batch.state) == BatchState.FINAL) & (col(Batch.final_at) >= midnight)
    return _sum(session, programme, today | (col(Batch.state) == BatchState.FROZEN))


def _sum(session: Session, programme: Programme, counted: ColumnElement[bool]) -> int:
    query = select(func.coalesce(func.sum(col(Batch.reward_cents)), 0))
    return int(session.scalar(query.where(col(Batch.programme_id) == programme.id, counted)) or 0)


def _with_balance(session: Session, programme: Programme, addresses: set[str]) -> set[str]:
    """Accounts whose balance is not zero: they cost a third of a new one."""
    query = select(col(Balance.address)).where(
        col(Balance.programme_chain_id) == programme.chain_id,
        col(Balance.final_cents) > 0,
        col(Balance.address).in_(addresses),
    )
    return set(session.scalars(query))


def _note(
    session: Session, programme: Programme, limits: Limits, short_of: Short | None, now: datetime
) -> None:
    """For those whose deeds wait; written when something has changed, and the line now and then."""
    ceiling = limits.daily_ceiling_cents
    plan = session.get(CreditPlan, programme.id)
    if plan is None:
        plan = CreditPlan(programme_id=programme.id, planned_at=now)
        session.add(plan)
    same = (plan.daily_ceiling_cents, plan.short_of) == (ceiling, short_of)
    plan.daily_ceiling_cents, plan.short_of = ceiling, short_of
    if short_of is not Short.DAY_CEILING or ceiling is None:
        plan.line = None
    elif not same or plan.line is None or _is_old(plan, now):
        plan.line = walked(session, programme, ceiling, now).to_json()
        plan.planned_at = now
    if not same:
        plan.planned_at = now


def _is_old(plan: CreditPlan, now: datetime) -> bool:
    day = now.astimezone(UTC).date()
    return now - plan.planned_at >= PLANNED_FOR or plan.planned_at.astimezone(UTC).date() != day


def walked(session: Session, programme: Programme, ceiling: int, now: datetime) -> Line:
    """Of all that is due, in the order in which batches take it."""
    left = max(ceiling - minted_on_day(session, programme, now), 0)
    line = Line(now.astimezone(UTC).date(), left)
    line.go_on(standing_behind(session, programme, ceiling, now, line.last), ceiling)
    return line


def _report_no_room(session: Session, programme: Programme, now: datetime, *, by_day: bool) -> None:
    """Until there is room for all that is due. The ceiling's day is UTC's; the city's is told."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    begins = city_day(session, today + timedelta(days=1))
    ceiling = f"credited from {begins} on: day ceiling"
    detail = ceiling if by_day else "authenticated actions wait for funding"
    report_incident(
        session,
        code=NO_ROOM,
        detail=f"{programme.slug}: {detail}",
        now=now,
        reference=str(programme.id),
    )

"""Reads of what a citizen has, and what comes when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.identity.accounts import accounts_of
from app.impact.catalogue import ActionType, catalogue
from app.rewards.ledger import available, final_balance
from app.rewards.models import Programme, ProgrammeState
from app.rewards.rules import Rate
from app.rewards.rules import RuleSet as Rules
from app.rewards.terms import rules_in_force

COMING = (ActionState.AUTHENTICATED, ActionState.BATCHED)
MOST_COMING = 20


@dataclass(frozen=True)
class Coming:
    """Tokens that are promised, and the hour before which they are not credited."""

    action_id: UUID
    cents: int
    due_at: datetime | None


@dataclass(frozen=True)
class InProgramme:
    """A citizen's money in one programme; `worth_cents` of euros, one for one."""

    programme: Programme
    address: str
    balance_cents: int
    available_cents: int

    @property
    def worth_cents(self) -> int:
        return self.available_cents


@dataclass(frozen=True)
class Home:
    """What a citizen sees first."""

    accounts: Sequence[InProgramme]
    coming: Sequence[Coming]

    @property
    def available_cents(self) -> int:
        return sum(one.available_cents for one in self.accounts)

    @property
    def coming_cents(self) -> int:
        return sum(one.cents for one in self.coming)


@dataclass(frozen=True)
class Possible:
    """Something to do today, and its rate in force."""

    action_type: ActionType
    rate: Rate


def home(session: Session, person_id: UUID) -> Home:
    accounts = [
        InProgramme(
            programme=session.get_one(Programme, account.programme_id),
            address=account.address,
            balance_cents=final_balance(session, account.address, account.programme_id),
            available_cents=available(session, account.address, account.programme_id),
        )
        for account in accounts_of(session, person_id)
    ]
    return Home(accounts, coming(session, person_id))


def coming(session: Session, person_id: UUID) -> list[Coming]:
    """Promised and not on the account yet, soonest first."""
    query = (
        select(col(Action.id), col(Action.reward_cents), col(Action.due_at))
        .where(
            col(Action.person_id) == person_id,
            col(Action.state).in_(COMING),
            col(Action.reward_cents) > 0,
        )
        .order_by(col(Action.due_at), col(Action.id))
        .limit(MOST_COMING)
    )
    return [Coming(*row) for row in session.execute(query)]


def possible(session: Session, programme: Programme, now: datetime) -> list[Possible]:
    """What the programme rewards now, in the catalogue's order."""
    stored = rules_in_force(session, programme, now)
    if stored is None or programme.state is not ProgrammeState.RUNNING:
        return []
    rates = Rules.from_json(stored.rules).rates
    types = catalogue().action_types()
    return [Possible(entry, rates[entry.id]) for entry in types if entry.id in rates]


def programmes(session: Session) -> Sequence[Programme]:
    """All programmes, newest first."""
    return session.scalars(select(Programme).order_by(col(Programme.id).desc())).all()

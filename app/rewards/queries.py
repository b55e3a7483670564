"""Reads of what a citizen has, and what comes when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.identity.accounts import accounts_of
from app.impact.catalogue import ActionType, catalogue
from app.rewards.batches.waiting import Reason, Wait, waits_of
from app.rewards.language.describing import brings
from app.rewards.language.taken import takes, tariffs_for
from app.rewards.models import Programme, ProgrammeState
from app.rewards.money.ledger import available, final_balance
from app.rewards.rule_sets.published import general, is_general
from app.rewards.valuing.owed import owed_by
from app.rewards.valuing.terms import rules_in_force

COMING = (ActionState.AUTHENTICATED, ActionState.BATCHED)
MOST_COMING = 20


@dataclass(frozen=True)
class Coming:
    """Tokens that are promised, the hour before which they are not credited, and what they wait
    for once that has passed."""

    action_id: UUID
    cents: int
    due_at: datetime | None
    waits_for: Reason | None
    waits_until: datetime | None


@dataclass(frozen=True)
class InProgramme:
    """A citizen's money in one programme; `worth_cents` of euros, one for one."""

    programme: Programme
    address: str
    balance_cents: int
    available_cents: int
    owed_cents: int

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
class Rate:
    """What version 1 says: `numerator` cents per `denominator` units; None: for the action."""

    numerator: int
    denominator: int | None
    max_cents: int | None


@dataclass(frozen=True)
class Possible:
    """Something to do today, and what the rules in force say that it brings; `rate` where they
    are of version 1."""

    action_type: ActionType
    rate: Rate | None
    sentences: Sequence[str]


def home(session: Session, person_id: UUID, now: datetime) -> Home:
    owed = owed_by(session, person_id)
    accounts = [
        InProgramme(
            programme=session.get_one(Programme, account.programme_id),
            address=account.address,
            balance_cents=final_balance(session, account.address, account.programme_id),
            available_cents=available(session, account.address, account.programme_id),
            owed_cents=owed.get(account.programme_id, 0),
        )
        for account in accounts_of(session, person_id)
    ]
    return Home(accounts, coming(session, person_id, now))


def coming(session: Session, person_id: UUID, now: datetime) -> list[Coming]:
    """Promised and not on the account yet, soonest first."""
    query = (
        select(Action)
        .where(
            col(Action.person_id) == person_id,
            col(Action.state).in_(COMING),
            col(Action.reward_cents) > 0,
        )
        .order_by(col(Action.due_at), col(Action.id))
        .limit(MOST_COMING)
    )
    promised = session.scalars(query).all()
    waits = waits_of(session, promised, now)
    return [_coming(deed, waits.get(deed.id)) for deed in promised]


def _coming(deed: Action, wait: Wait | None) -> Coming:
    reason, until = (wait.reason, wait.until) if wait else (None, None)
    return Coming(deed.id, deed.reward_cents, deed.due_at, reason, until)


def possible(
    session: Session, programme: Programme, now: datetime, language: str
) -> list[Possible]:
    """What the programme rewards now, in the catalogue's order."""
    stored = rules_in_force(session, programme, now)
    if stored is None or programme.state is not ProgrammeState.RUNNING:
        return []
    data = general(stored.rules, programme.time_zone).data
    rates = {} if is_general(stored.rules) else _rates(stored.rules)
    return [
        Possible(kind, rates.get(kind.id), brings(data, tariffs_for(data, kind.id), language))
        for kind in catalogue().action_types()
        if takes(data, kind.id)
    ]


def _rates(rules: Mapping[str, Any]) -> dict[str, Rate]:
    found = {}
    for rate in rules["rates"]:
        each = rate.get("cents_per_unit")
        found[rate["action_type"]] = Rate(
            numerator=each["numerator"] if each else rate["cents_per_action"],
            denominator=each["denominator"] if each else None,
            max_cents=rate.get("max_cents_per_action"),
        )
    return found


def programmes(session: Session) -> Sequence[Programme]:
    """All programmes, newest first."""
    return session.scalars(select(Programme).order_by(col(Programme.id).desc())).all()

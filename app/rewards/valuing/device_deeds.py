"""A device's deeds and the money that belongs to them; and what it did today against its ceiling.

Nothing is committed here, but what was counted of a wrong code is kept with its refusal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.measurement import Sent, check_statement, identify, record_measured
from app.actions.models import Action, ActionState, Device
from app.actions.recording import Doer
from app.actions.timetable import day_of
from app.chain import typed
from app.errors import Problem
from app.identity.accounts import KeyMaker, account_for
from app.impact.catalogue import catalogue
from app.rewards.models import Programme, ProgrammeState, RewardCounter
from app.rewards.valuing.authenticate import Money
from app.rewards.valuing.caps import device_key
from app.rewards.valuing.terms import terms_of, timetable_of


@dataclass(frozen=True)
class Use:
    """What a device brought today, and how much of it waits over the ceiling."""

    actions: int = 0
    reward_cents: int = 0
    waiting: int = 0


def measure(
    session: Session,
    sent: Sent,
    *,
    device: Device,
    domain: typed.Domain,
    wallets: KeyMaker,
    now: datetime,
) -> Action:
    """A device's signed statement, now or up to 72 hours late."""
    programme = _programme(session, sent.struct.programme_id)
    terms, known = terms_of(session, programme, now), catalogue()
    measured = check_statement(
        session, sent, device=device, terms=terms, catalogue=known, domain=domain, now=now
    )
    person_id = identify(session, device, measured, now)
    account = account_for(session, person_id, programme.id, signer=wallets, now=now)
    return record_measured(
        session,
        device=device,
        terms=terms,
        doer=Doer(person_id, account.address),
        measured=measured,
        now=now,
        valuer=Money(known).value,
    )


def programmes_for(session: Session, device: Device, now: datetime) -> list[Programme]:
    """The running programmes that take one of the device's action types, newest first."""
    query = select(Programme).where(col(Programme.state) == ProgrammeState.RUNNING)
    rows = session.scalars(query.order_by(col(Programme.id).desc())).all()
    return [row for row in rows if terms_of(session, row, now).action_types & set(device.scope)]


def use_today(session: Session, devices: Iterable[Device], now: datetime) -> dict[UUID, Use]:
    """By device, over all programmes, each by its own calendar day."""
    found = {device.id: Use() for device in devices}
    for programme in session.scalars(select(Programme)):
        today = day_of(now, timetable_of(programme).zone)
        keys = {device_key(one, today): one for one in found}
        counters = session.scalars(
            select(RewardCounter).where(
                col(RewardCounter.programme_id) == programme.id,
                col(RewardCounter.scope).in_([scope for scope, _ in keys]),
            )
        )
        for row in counters:
            one = keys.get((row.scope, row.span))
            if one is not None:
                had = found[one]
                found[one] = Use(had.actions + row.actions, had.reward_cents + row.cents)
    waiting = _waiting(session, found)
    return {
        one: Use(use.actions, use.reward_cents, waiting.get(one, 0)) for one, use in found.items()
    }


def _waiting(session: Session, devices: Iterable[UUID]) -> dict[UUID, int]:
    query = select(col(Action.device_id), func.count()).where(
        col(Action.device_id).in_(list(devices)), col(Action.state) == ActionState.RECORDED
    )
    rows = session.execute(query.group_by(col(Action.device_id)))
    return {one: count for one, count in rows if one is not None}


def _programme(session: Session, chain_id: bytes) -> Programme:
    found = session.scalars(select(Programme).where(col(Programme.chain_id) == chain_id))
    programme = found.one_or_none()
    if programme is None:
        what = "programme_id"
        raise Problem("attestation-other-statement", field=f"statement.{what}", what=what)
    return programme

"""Programmes: made, ruled, paused. What the chain must know goes out
by the outbox, in the same transaction as the row that it announces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.typed import keccak
from app.db import uuid7
from app.errors import NotFound, Problem
from app.impact.catalogue import Catalogue
from app.outbox.service import enqueue
from app.rewards import life, problems
from app.rewards.models import Programme, ProgrammeState, RuleSet
from app.rewards.outside.relied import relied_on
from app.rewards.rule_sets.published import Refusal, checked, rule_set_hash

__all__ = [
    "NewProgramme",
    "Two",
    "create_programme",
    "pause",
    "problems",
    "publish_rules",
    "resume",
]

DAYS = ("first_day", "last_day_to_earn", "last_day_to_spend")
FARTHEST = timedelta(days=20 * 365)


@dataclass(frozen=True)
class Two:
    """Who proposed and who confirmed; None: the installation itself, or a demo."""

    proposed: UUID | None = None
    confirmed: UUID | None = None


@dataclass(frozen=True)
class NewProgramme:
    """`options`: any timetable column of Programme (undo_seconds, period_seconds, …)."""

    slug: str
    name: Mapping[str, str]
    token_symbol: str
    first_day: date
    last_day_to_earn: date
    last_day_to_spend: date
    rules: Mapping[str, Any]
    time_zone: str = "Europe/Paris"
    budget_cents: int | None = None  # what may be funded at most
    options: Mapping[str, Any] | None = None


def create_programme(
    session: Session, new: NewProgramme, *, catalogue: Catalogue, by: Two, now: datetime
) -> Programme:
    """A draft with its first rules; published once the chain has made its token.

    Raises Problem rules-invalid, dates-out-of-order, slug-taken.
    """
    rules = check_rules(new.rules, catalogue)
    check_dates(new, now)
    programme_id = uuid7()
    programme = Programme(
        id=programme_id,
        chain_id=keccak(b"civis.programme.v1" + programme_id.bytes),
        slug=new.slug,
        name=dict(new.name),
        token_symbol=new.token_symbol,
        state=ProgrammeState.DRAFT,
        time_zone=new.time_zone,
        first_day=new.first_day,
        last_day_to_earn=new.last_day_to_earn,
        last_day_to_spend=new.last_day_to_spend,
        budget_cents=new.budget_cents,
        created_at=now,
        created_by=by.proposed,
        **dict(new.options or {}),
    )
    session.add(programme)
    session.flush()
    first = first_moment(programme.first_day, programme.time_zone)
    added = _add_rules(session, programme, rules, first, by=by, now=now)
    _announce(session, programme, added.hash, now)
    return programme


def publish_rules(
    session: Session,
    programme: Programme,
    rules: Mapping[str, Any],
    *,
    valid_from: datetime,
    catalogue: Catalogue,
    by: Two,
    now: datetime,
) -> RuleSet:
    """The next version. Raises Problem rules-invalid, rules-in-the-past, programme-state."""
    rules = check_rules(rules, catalogue)
    check_begin(valid_from, now)
    life.check_from(lock(session, programme.id), life.RULED)
    added = _add_rules(session, programme, rules, valid_from, by=by, now=now)
    enqueue(
        session,
        kind="set_rule_set",
        key=f"{programme.slug}:{added.version}",
        payload={
            "programme_id": programme.chain_id,
            "version": added.version,
            "rule_set_hash": added.hash,
            "valid_from": int(valid_from.timestamp()),
        },
        now=now,
    )
    return added


def pause(session: Session, programme_id: UUID, *, by: UUID, now: datetime) -> Programme:
    """Stops recording; payments go on. Raises Problem programme-state."""
    programme = lock(session, programme_id)
    life.turn(session, programme, ProgrammeState.PAUSED, by=by, now=now)
    return programme


def resume(session: Session, programme_id: UUID, *, by: UUID, now: datetime) -> Programme:
    """What was paused goes on. Raises Problem programme-state."""
    programme = lock(session, programme_id)
    life.check_from(programme, {ProgrammeState.PAUSED})
    life.turn(session, programme, ProgrammeState.RUNNING, by=by, now=now)
    return programme


def lock(session: Session, programme_id: UUID) -> Programme:
    """Raises NotFound."""
    programme = session.get(Programme, programme_id, with_for_update=True, populate_existing=True)
    if programme is None:
        raise NotFound
    return programme


def end_of(day: date, zone: ZoneInfo) -> int:
    """The first second after a day, as the contracts count time."""
    return int(datetime.combine(day + timedelta(days=1), time(), zone).timestamp())


def first_moment(day: date, time_zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(time_zone))


def _add_rules(
    session: Session,
    programme: Programme,
    rules: Mapping[str, Any],
    valid_from: datetime,
    *,
    by: Two,
    now: datetime,
) -> RuleSet:
    latest = select(func.max(col(RuleSet.version))).where(col(RuleSet.programme_id) == programme.id)
    added = RuleSet(
        programme_id=programme.id,
        version=(session.scalar(latest) or 0) + 1,
        rules=dict(rules),
        hash=rule_set_hash(rules),
        outside=relied_on(session, rules, valid_from),
        valid_from=valid_from,
        created_at=now,
        created_by=by.proposed,
        confirmed_by=by.confirmed,
    )
    session.add(added)
    session.flush()
    return added


def _announce(session: Session, programme: Programme, rules_hash: bytes, now: datetime) -> None:
    zone = ZoneInfo(programme.time_zone)
    enqueue(
        session,
        kind="create_programme",
        key=programme.chain_id.hex(),
        payload={
            "programme_id": programme.chain_id,
            "name": programme.name.get("en") or next(iter(programme.name.values())),
            "symbol": programme.token_symbol,
            "earn_until": end_of(programme.last_day_to_earn, zone),
            "spend_until": end_of(programme.last_day_to_spend, zone),
            "rule_set_hash": rules_hash,
        },
        now=now,
    )


def check_dates(new: NewProgramme, now: datetime) -> None:
    """In order, not over yet, and within what a season can be. Raises Problem, by field."""
    today = now.astimezone(ZoneInfo(new.time_zone)).date()
    for name in DAYS:
        if abs(getattr(new, name) - today) > FARTHEST:
            raise Problem("date-too-far", field=name, years=FARTHEST.days // 365)
    for before, name in pairwise(DAYS):
        if getattr(new, before) > getattr(new, name):
            raise Problem("dates-out-of-order", field=name)
    for name in DAYS[1:]:
        if getattr(new, name) < today:
            raise Problem("date-is-past", field=name)
    short = bool((new.options or {}).get("short_timetable"))
    life.check_time_to_spend(new.last_day_to_earn, new.last_day_to_spend, short=short)


def check_begin(valid_from: datetime, now: datetime) -> None:
    """Raises Problem rules-in-the-past, date-too-far."""
    if valid_from < now:
        raise Problem("rules-in-the-past", field="valid_from")
    check_near(valid_from, now)


def check_near(begin: datetime, now: datetime) -> None:
    """Raises Problem date-too-far."""
    if abs(begin - now) > FARTHEST:
        raise Problem("date-too-far", field="valid_from", years=FARTHEST.days // 365)


def check_rules(rules: object, catalogue: Catalogue) -> dict[str, Any]:
    """Whatever came in for them, as it is stored. Raises Problem rules-invalid, of the first
    fault."""
    found = checked(rules, [entry.id for entry in catalogue.action_types()])
    if isinstance(found, Refusal):
        raise Problem("rules-invalid", field=found.path, path=found.path, what=found)
    return found

"""The simulated city goes on living, so that ten accounts and five people are always there.

Without visitors a dozen citizens act each minute. When a visitor's deed waits for a batch, others
act in the same cell at once: the visitor's tokens and figure come within seconds, and nobody can
tell from either who it was.
"""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta
from pathlib import Path
from random import SystemRandom
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState, Channel
from app.demo.city import ZONE, City, PlannedDeed, address, some_quantity, whole_city
from app.demo.deeds import Recorder
from app.demo.spending import pay_somewhere
from app.demo.world import World, find_programme
from app.errors import Problem
from app.identity.models import Person
from app.identity.people import email_lookup
from app.identity.service import person_by_email
from app.rewards.life import today_of
from app.rewards.models import Programme, ProgrammeState, RewardCounter
from app.services import Services

DOZEN = 12
PAUSE = timedelta(seconds=60)
COMMON = ("glass-recycling", "reusable-cup", "bus-trip", "tram-trip", "food-waste-compost")
ENOUGH_TODAY = 150  # cents; who has more rests, so that caps don't silence the city
_chance = SystemRandom()


class Life:
    """One per process; each round is safe to repeat."""

    def __init__(self, world: World) -> None:
        with world.parts.database.session() as session:
            self.world = dataclasses.replace(world, city=founded_city(session, world.city))
        self.recorder = Recorder(self.world)

    def round(self) -> int:
        """How many deeds and payments there were."""
        with self.world.parts.database.transaction() as session:
            programme = self.world.programme(session)
            now = self.world.now(session)
            if not _earning(programme, now):
                return 0
            wanted = self._wanted(session, programme, now)
            deeds = [self.recorder.vouch(session, one) for one in wanted]
        if not deeds:
            return 0
        paid = pay_somewhere(self.world, _chance)
        return len(deeds) + (paid is not None)

    def _wanted(self, session: Session, programme: Programme, now: datetime) -> list[PlannedDeed]:
        waiting = _waiting_types(session, programme)
        if waiting:
            kind = waiting[0]
        elif _acted_since(session, programme, now - PAUSE):
            return []
        else:
            kind = _chance.choice(COMMON)
        places = [p for p in self.world.city.attesters if kind in (p.deeds or {})]
        places = places or [self.world.city.attesters[0]]
        place = places[0] if waiting else _chance.choice(places)  # visitors have a clerk's word
        return [
            PlannedDeed(
                number, place.slug, kind, some_quantity(kind, self.world.catalogue, _chance), now
            )
            for number in self._rested(session, programme, now)
        ]

    def _rested(self, session: Session, programme: Programme, now: datetime) -> list[int]:
        """A dozen citizens who neither acted just now nor earned much today; never the visitor."""
        busy = set(session.scalars(_people(programme, col(Action.recorded_at) > now - PAUSE)))
        today = f"citizen-day:{now.astimezone(ZONE):%Y-%m-%d}"
        rich = set(
            session.scalars(
                select(col(RewardCounter.scope)).where(
                    col(RewardCounter.programme_id) == programme.id,
                    col(RewardCounter.span) == today,
                    col(RewardCounter.cents) > ENOUGH_TODAY,
                )
            )
        )
        people = list(enumerate(self.recorder.people))[1:]
        rested = [n for n, p in people if p not in busy and f"person:{p}" not in rich]
        others = [n for n, p in people if p not in busy and f"person:{p}" in rich]
        _chance.shuffle(rested)
        _chance.shuffle(others)
        return (rested + others)[:DOZEN]


_lives: dict[tuple[Path, date], Life] = {}


def live(parts: Services) -> int:
    """A round of it: how many deeds and payments there were.

    Everybody may have been signed out, as after a restore: the next round signs in anew.
    """
    life = life_of(parts)
    try:
        return life.round() if life else 0
    except Problem as problem:
        if problem.code != "signer-no-session":
            raise
        _lives.clear()
        return 0


def life_of(parts: Services) -> Life | None:
    """This process' life of the city, of the day; None before it is founded.

    Anew each day: sessions end, all the sooner where the clock is moved.
    """
    with parts.database.session() as session:
        today = parts.settings.home, parts.clock.now(session).date()
        if today not in _lives and not is_founded(session):
            return None
    if today not in _lives:
        _lives.clear()
        _lives[today] = Life(World(parts, whole_city(), lambda _: None))
    return _lives[today]


def founded_city(session: Session, city: City) -> City:
    """The plan with those citizens only who were registered."""
    known = tuple(
        citizen
        for citizen in city.citizens
        if person_by_email(session, address(citizen.local)) is not None
    )
    return dataclasses.replace(city, citizens=known)


def is_founded(session: Session) -> bool:
    """Whether seeding has come to its end, or near it: the partner's file is in."""
    programme = find_programme(session)
    if programme is None:
        return False
    partner = col(Action.channel) == Channel.PARTNER
    return session.scalar(_people(programme, partner).limit(1)) is not None


def _earning(programme: Programme, now: datetime) -> bool:
    running = programme.state is ProgrammeState.RUNNING
    return running and today_of(programme, now) <= programme.last_day_to_earn


def _waiting_types(session: Session, programme: Programme) -> list[str]:
    """Kinds of which a visitor's deed waits and too few others do, the oldest first."""
    waiting = (
        col(Action.programme_id) == programme.id,
        col(Action.state) == ActionState.AUTHENTICATED,
        col(Action.channel) == Channel.ATTESTER,
    )
    visitor = or_(
        col(Person.simulated).is_(False),
        col(Person.email_lookup) == email_lookup(session, address("citizen")),
    )
    kinds = session.scalars(
        select(col(Action.action_type_id))
        .join(Person, col(Person.id) == col(Action.person_id))
        .where(*waiting, visitor)
        .group_by(col(Action.action_type_id))
        .order_by(func.min(col(Action.recorded_at)))
    ).all()
    people = select(col(Action.action_type_id), func.count(col(Action.person_id).distinct()))
    counts = {
        row[0]: row[1]
        for row in session.execute(people.where(*waiting).group_by(col(Action.action_type_id)))
    }
    return [kind for kind in kinds if counts.get(kind, 0) < DOZEN]


def _acted_since(session: Session, programme: Programme, since: datetime) -> bool:
    return session.scalar(_people(programme, col(Action.recorded_at) > since).limit(1)) is not None


def _people(programme: Programme, condition: ColumnElement[bool]) -> Select[Any]:
    return select(col(Action.person_id)).where(col(Action.programme_id) == programme.id, condition)

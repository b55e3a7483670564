"""Thirty days before fewer than two officers or treasurers are left, the operator hears of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.deploying.record import Deployment
from app.clock import Clock, city_day
from app.governance.running_out import CODE, NOTICE, watch_roles
from app.identity.models import Role
from app.identity.roles import confirm_role, end_role, grant_role
from app.outbox.leases import acquire
from app.outbox.models import Incident
from app.services import Services
from app.web.office import chain_words
from tests.support.chain_rows import new_person
from workers.context import Workshop
from workers.season_jobs import seasons

NOWHERE = Deployment(31337, "0x0", 0, *["0x0"] * 11)  # nobody here asks the chain
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def now(db: Session) -> datetime:
    return Clock().now(db)


def _give(db: Session, now: datetime, days: int | None, role: Role = Role.OFFICER) -> UUID:
    until = None if days is None else now + days * DAY
    person = new_person(db, now).id
    return grant_role(db, person_id=person, role=role, now=now, valid_until=until).id


def _told(db: Session) -> list[tuple[str | None, str]]:
    """About whom, and what."""
    found = select(Incident).where(
        col(Incident.code) == CODE, col(Incident.acknowledged_at).is_(None)
    )
    return sorted((one.reference, one.detail) for one in db.scalars(found))


def _about(db: Session) -> list[str | None]:
    return [about for about, _ in _told(db)]


@pytest.mark.parametrize("role", [Role.OFFICER, Role.TREASURER])
def test_it_begins_thirty_days_before_and_ends_once_prolonged(
    db: Session, now: datetime, role: Role
) -> None:
    _give(db, now, 100, role)
    _give(db, now, 200, role)
    _give(db, now, 300, role)
    end = now + 200 * DAY  # then one is left
    watch_roles(db, end - NOTICE - SECOND)
    assert _told(db) == []
    watch_roles(db, end - NOTICE)
    watch_roles(db, end - NOTICE + SECOND)
    day = city_day(db, end)
    assert _told(db) == [(role.value, f"{role.value}s: fewer than two are left from {day} on")]
    at = end - NOTICE + DAY
    person = new_person(db, at).id
    grant_role(db, person_id=person, role=role, now=at, valid_until=at + 300 * DAY)
    watch_roles(db, at)
    assert _told(db) == []


def test_it_stays_when_nobody_is_left(db: Session, now: datetime) -> None:
    _give(db, now, 40)
    _give(db, now, 40)
    for days in (11, 39, 40, 41, 400):
        watch_roles(db, now + days * DAY)
        assert _about(db) == ["officer"]


def test_one_person_twice_is_one(db: Session, now: datetime) -> None:
    """Who was prolonged has several grants."""
    person = new_person(db, now).id
    for days in (50, 90):
        grant_role(db, person_id=person, role=Role.OFFICER, now=now, valid_until=now + days * DAY)
    _give(db, now, 31)
    watch_roles(db, now)
    assert _told(db) == []
    watch_roles(db, now + 2 * DAY)
    assert _about(db) == ["officer"]


def test_a_role_without_an_end_and_a_city_without_its_people_are_no_alarm(
    db: Session, now: datetime
) -> None:
    watch_roles(db, now)
    _give(db, now, None)
    watch_roles(db, now)
    assert _told(db) == [], "the second one was not there yet"
    _give(db, now, None)
    watch_roles(db, now + 4000 * DAY)
    assert _told(db) == []


def test_one_that_is_taken_away_counts_no_more(db: Session, now: datetime) -> None:
    _give(db, now, 400)
    second = _give(db, now, 400)
    watch_roles(db, now)
    assert _told(db) == []
    end_role(db, second, by=None, now=now + DAY)
    watch_roles(db, now + DAY)
    assert _about(db) == ["officer"]


def test_what_waits_for_its_second_person_counts_not_yet(db: Session, now: datetime) -> None:
    for _ in range(2):
        _give(db, now, 10)
    givers = [new_person(db, now).id for _ in range(2)]
    for giver in givers:
        grant_role(db, person_id=giver, role=Role.OPERATOR, now=now)
    person = new_person(db, now).id
    grant = grant_role(
        db,
        person_id=person,
        role=Role.OFFICER,
        now=now,
        by=givers[0],
        valid_until=now + 400 * DAY,
    )
    _give(db, now, 400)
    watch_roles(db, now)
    assert _about(db) == ["officer"]
    confirm_role(db, grant.id, by=givers[1], now=now)
    watch_roles(db, now)
    assert _told(db) == []


def test_another_day_is_told_anew(db: Session, now: datetime) -> None:
    _give(db, now, 20)
    _give(db, now, 20)
    watch_roles(db, now)
    _give(db, now, 25)
    watch_roles(db, now)
    _give(db, now, 25)
    watch_roles(db, now)
    day = city_day(db, now + 25 * DAY)
    assert _told(db) == [("officer", f"officers: fewer than two are left from {day} on")]


def test_the_seasons_round_looks_and_the_office_has_words(services: Services) -> None:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        _give(session, now, 12)
        _give(session, now, 12)
        fence = acquire(session, f"seasons-{uuid4()}", "test", 60)
    assert fence is not None
    seasons(Workshop(services, NOWHERE, "test"), fence)
    with services.database.session() as session:
        assert _about(session) == ["officer"]
    assert CODE in chain_words.INCIDENTS

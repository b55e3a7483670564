"""Daily facts are the sums of the deeds, however often and late they are rolled."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions import review
from app.actions.codes import choosable
from app.actions.models import Action, AttesterKey
from app.chain import typed
from app.clock import clock_of
from app.db import uuid7
from app.identity.models import KeyCustody
from app.reporting.export import records
from app.reporting.facts import DAYS, roll
from app.reporting.models import FactDay
from app.reporting.sums import everything
from app.services import Services
from tests.support.city import City


@pytest.fixture
def now(services: Services, db: Session) -> datetime:
    return services.clock.now(db).replace(hour=12)


def facts(session: Session) -> list[dict[str, Any]]:
    session.expire_all()
    rows = [row.model_dump() for row in session.scalars(select(FactDay))]
    return sorted(rows, key=str)


def test_every_deed_is_counted_once_however_often_it_is_rolled(db: Session, now: datetime) -> None:
    city = City(db, now)
    programme, clerk = city.programme(), city.clerk(city.organisation())
    people = [city.citizen() for _ in range(3)]
    for person in people:
        city.attest(clerk, person.id, programme)
    city.declare(people[0].id, programme)
    assert roll(db, now) == [now.date()]
    first = facts(db)
    assert roll(db, now) == [now.date()]
    assert facts(db) == first
    attested = next(row for row in first if row["proof_level"] == "attested")
    assert (attested["actions"], attested["people"], attested["district"]) == (3, 3, "Nord")
    assert attested["metrics"]["waste_g"] == 6000
    assert attested["operator_signed"] == 0
    assert sum(row["actions"] for row in first) == db.scalar(select(func.count(col(Action.id))))
    cents = db.scalar(select(func.sum(col(Action.reward_cents))))
    assert sum(row["reward_cents"] for row in first) == cents


def test_what_the_server_signed_is_counted_apart(db: Session, now: datetime) -> None:
    city = City(db, now)
    programme, clerk = city.programme(), city.clerk(city.organisation())
    city.attest(clerk, city.citizen().id, programme)
    key = db.get_one(AttesterKey, typed.address_of(clerk.key))
    key.custody = KeyCustody.SERVER
    db.flush()
    city.attest(clerk, city.citizen().id, programme)
    roll(db, now)
    assert [(row["actions"], row["operator_signed"]) for row in facts(db)] == [(2, 1)]
    known = everything(db.connection(), clock_of(db).zone).records
    assert (known.operator_signed, known.vouched) == (0, 0), "nothing is published"
    assert records(known) == []


def test_an_old_deed_that_changes_is_rolled_again(db: Session, now: datetime) -> None:
    city = City(db, now)
    action = city.attest(city.clerk(city.organisation()), city.citizen().id, city.programme())
    roll(db, now)
    later = now + timedelta(days=DAYS + 30)
    assert roll(db, later) == [], "nothing happened"
    review.refuse(
        db, action_id=action.id, reason=choosable()[0], by=uuid7(), now=later, unvaluer=_keep
    )
    assert roll(db, later) == [now.date()]
    assert [(row["state"], row["actions"]) for row in facts(db)] == [("refused", 1)]


def _keep(_session: Session, _action: Action) -> None:
    """What a refusal gives back to the caps is not the facts' business."""

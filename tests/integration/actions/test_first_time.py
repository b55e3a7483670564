"""The first time of a kind: one deed holds it, and gives it back when it is taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.actions.models import Action
from app.clock import Clock
from app.db import uuid7
from app.rewards.models import Programme
from app.rewards.valuing import deeds
from app.services import Services
from tests.integration.actions.test_carpool import cents, send
from tests.integration.actions.test_evaluations import replayed, rules
from tests.support import carpool
from tests.support.city import City, Clerk

FIRST: dict[str, Any] = {"first_time": {"unknown": "fail"}}
ENOUGH = {
    "id": "enough",
    "order": 2,
    "require": {"quantity": {"at_least": 2000}},
    "unknown": "fail",
}


@pytest.fixture
def city(db: Session) -> City:
    return City(db, Clock().now(db).replace(hour=12, minute=0, second=0, microsecond=0))


@pytest.fixture
def clerk(city: City) -> Clerk:
    return city.clerk(city.organisation())


def paying(*steps: dict[str, Any], conditions: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    found = rules()
    found["tariffs"][0]["steps"] = list(steps)
    return {**found, "conditions": [*found["conditions"], *conditions]}


WELCOME = ({"fixed_cents": 100}, {"fixed_cents": 400, "when": FIRST})


def bring(
    city: City, clerk: Clerk, person: Any, programme: Programme, *, grams: int = 2000
) -> Action:
    city.now += timedelta(minutes=1)
    return city.attest(clerk, person, programme, confirmed=True, quantity=grams)


def test_a_first_one_corrected_is_the_first_still(services: Services) -> None:
    partner = carpool.operator(services, carpool.rules())
    carpool.link(partner, "d-1")
    send(partner, *(carpool.row(partner, f"t{n}", "d-1", "p-9", 9 - n) for n in range(3)))
    assert cents(partner) == [150, 100, 100]
    send(partner, carpool.row(partner, "t0", "d-1", "p-9", 9, seats="2"))
    assert cents(partner) == [250, 100, 100]
    assert carpool.replayed(partner) == []


def test_a_first_one_undone_frees_it_for_the_next(db: Session, city: City, clerk: Clerk) -> None:
    programme, person = city.programme(rules=paying(*WELCOME)), city.citizen().id
    first, second = (bring(city, clerk, person, programme) for _ in range(2))
    deeds.undo(db, first.id, by=clerk.person_id, at=None, now=city.now)
    third, fourth = (bring(city, clerk, person, programme) for _ in range(2))
    given = [one.reward_cents for one in (first, second, third, fourth)]
    assert given == [0, 100, 500, 100]
    deeds.refuse(db, second.id, reason="made-up", by=uuid7(), now=city.now)
    assert bring(city, clerk, person, programme).reward_cents == 100  # the third holds it
    assert replayed(db, programme) == []


def test_what_is_worth_nothing_is_no_first_one(db: Session, city: City, clerk: Clerk) -> None:
    programme = city.programme(rules=paying(*WELCOME, conditions=(ENOUGH,)))
    person = city.citizen().id
    given = [
        bring(city, clerk, person, programme, grams=grams).reward_cents
        for grams in (1000, 3000, 3000)
    ]
    assert given == [0, 500, 100]
    assert replayed(db, programme) == []


def test_what_only_being_the_first_makes_worthless_is_one(
    db: Session, city: City, clerk: Clerk
) -> None:
    """Rules that begin with the second deed, and one too small for them before."""
    later = {"fixed_cents": 100, "when": {"not": FIRST}}
    programme = city.programme(rules=paying(later, conditions=(ENOUGH,)))
    person = city.citizen().id
    given = [
        bring(city, clerk, person, programme, grams=grams).reward_cents
        for grams in (1000, 3000, 3000)
    ]
    assert given == [0, 0, 100]
    assert replayed(db, programme) == []

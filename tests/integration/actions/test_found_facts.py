"""What officers find out about a deed: only what the rules ask, under the day's ceiling, and to be
corrected; an appeal and a partner's correction keep it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions import review
from app.actions.models import Action, ActionState
from app.clock import Clock
from app.db import uuid7
from app.errors import Problem
from app.governance.service import confirm
from app.impact.catalogue import catalogue
from app.outbox.models import Incident
from app.rewards.models import Programme
from app.rewards.valuing import deeds
from app.rewards.valuing.completing import propose_facts
from app.rewards.valuing.found_facts import found_of
from app.services import Services
from tests.integration.actions.test_evaluations import replayed
from tests.support import carpool
from tests.support.carpool import link, operator, row, table
from tests.support.city import City, Clerk
from tests.support.partner import Partner, actions

PRICE = carpool.condition(1, "price", {"contribution_cents": {"at_least": 100}}) | {
    "unknown": "ask"
}
HERE = carpool.condition(2, "from", {"in_zone": {"zone": "town", "end": "start"}}) | {
    "unknown": "fail"
}
RULES = carpool.rules(conditions=[PRICE])
TRIP = catalogue().action_type("carpool-trip").number


@pytest.fixture
def city(db: Session) -> City:
    return City(db, Clock().now(db).replace(microsecond=0))


@pytest.fixture
def clerk(city: City) -> Clerk:
    return city.clerk(city.organisation())


def waiting(city: City, clerk: Clerk, rules: Any = RULES, **more: Any) -> Action:
    said: dict[str, Any] = {"action_type_id": TRIP, "quantity": 9000} | more
    action = city.attest(clerk, city.citizen().id, city.programme(rules=rules), **said)
    assert (action.state, action.explanation != []) == (ActionState.RECORDED, True)
    return action


def find_out(db: Session, city: City, action_id: UUID, **facts: Any) -> None:
    asked = propose_facts(db, action_id, facts, source="partner", by=uuid7(), now=city.now)
    confirm(db, asked.id, by=uuid7(), now=city.now)


def upheld(db: Session, city: City, action: Action) -> None:
    appeal = review.appeal(
        db, action_id=action.id, person_id=action.person_id, text="Si", now=city.now
    )
    deeds.answer_appeal(db, appeal.id, upheld=True, text="Oui", by=uuid7(), now=city.now)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"revenue_cents": 100}, "facts.revenue_cents"),
        ({"other_adult": True}, "facts.other_adult"),
        ({"start": {"iris": "343370101"}}, "facts.start.iris"),
        ({"proof_class": "C"}, "facts.proof_class"),
    ],
)
def test_what_no_rule_looks_at_is_not_found_out(
    db: Session, city: City, clerk: Clerk, facts: dict[str, Any], field: str
) -> None:
    action = waiting(city, clerk, carpool.rules(conditions=[PRICE, HERE]))
    with pytest.raises(Problem, match="told-not-asked") as refused:
        find_out(db, city, action.id, contribution_cents=150, **facts)
    assert refused.value.field == field
    find_out(db, city, action.id, contribution_cents=150, start={"com": "34172"})
    assert action.reward_cents == 150


def test_seats_of_glass_are_none(db: Session, city: City, clerk: Clerk) -> None:
    """Tariffs multiply by seats unless told otherwise."""
    glass = catalogue().action_type("glass-recycling").number
    asks = {"distance_m": {"at_least": 1}}
    rules = carpool.rules(conditions=[carpool.condition(1, "far", asks) | {"unknown": "ask"}])
    action = waiting(city, clerk, rules, action_type_id=glass, quantity=2000)
    with pytest.raises(Problem, match="told-not-shared") as refused:
        find_out(db, city, action.id, distance_m=10, seats=8)
    assert refused.value.field == "facts.seats"
    find_out(db, city, action.id, distance_m=10)
    assert action.reward_cents == 150


def test_an_appeal_about_a_waiting_deed_can_be_upheld(
    db: Session, city: City, clerk: Clerk
) -> None:
    action = waiting(city, clerk)
    asked = action.explanation
    deeds.refuse(db, action.id, reason="not-plausible", by=uuid7(), now=city.now)
    upheld(db, city, action)
    assert (action.state, action.explanation) == (ActionState.RECORDED, asked)
    find_out(db, city, action.id, contribution_cents=150)
    assert (action.state, action.reward_cents) == (ActionState.AUTHENTICATED, 150)


def test_an_upheld_appeal_values_with_what_was_found(db: Session, city: City, clerk: Clerk) -> None:
    action = waiting(city, clerk)
    find_out(db, city, action.id, contribution_cents=150)
    deeds.refuse(db, action.id, reason="not-plausible", by=uuid7(), now=city.now)
    upheld(db, city, action)
    assert (action.state, action.reward_cents) == (ActionState.AUTHENTICATED, 150)


def test_what_was_found_passes_no_ceiling(db: Session, city: City, clerk: Clerk) -> None:
    """It waits on, with the alarm; an officer lets it through, or corrects what was found."""
    clerk.organisation.actions_per_day = 0
    action = waiting(city, clerk)
    find_out(db, city, action.id, contribution_cents=90)
    alarms = select(func.count()).where(col(Incident.code) == "organisation-ceiling")
    assert (action.state, action.explanation) == (ActionState.RECORDED, [])
    assert (db.scalar(alarms), action.reward_cents) == (1, 0)
    find_out(db, city, action.id, contribution_cents=150)
    assert found_of(db, action.id) == {"contribution_cents": 150}
    deeds.release(db, action.id, by=uuid7(), now=city.now)
    assert (action.state, action.reward_cents) == (ActionState.AUTHENTICATED, 150)
    assert replayed(db, db.get_one(Programme, action.programme_id)) == []


def test_a_first_and_a_later_tariff_are_both_asked(db: Session, city: City, clerk: Clerk) -> None:
    paid = {"when": {"contribution_cents": {"at_least": 100}}, "unknown": "ask"}
    tariffs = [
        {"id": "first", "order": 1, "when": {"first_time": {"unknown": "fail"}}}
        | {"bands": "cumulative", "steps": [{"fixed_cents": 50}]},
        {"id": "later", "order": 2, "bands": "cumulative", "steps": [{"fixed_cents": 20} | paid]},
    ]
    town = HERE | {"unknown": "ask"}
    action = waiting(city, clerk, carpool.rules(conditions=[town], tariffs=tariffs))
    with pytest.raises(Problem, match="still-asked"):
        find_out(db, city, action.id, start={"com": "34172"})
    find_out(db, city, action.id, start={"com": "34172"}, contribution_cents=150)
    assert action.reward_cents == 50


def test_a_partner_s_correction_keeps_what_was_found(services: Services) -> None:
    adult = carpool.condition(1, "adult", {"adult": {"who": "other"}}) | {"unknown": "ask"}
    partner = operator(services, carpool.rules(conditions=[adult]))
    link(partner, "d-1")
    [waits] = _sent(partner, row(partner, "t1", "d-1", "p-9", 8))
    assert waits.state is ActionState.RECORDED
    with services.database.transaction() as session:
        city = City(session, services.clock.now(session))
        find_out(session, city, waits.id, other_adult=True)
    [corrected] = _sent(partner, row(partner, "t1", "d-1", "p-9", 8, seats="2"))
    assert (corrected.state, corrected.reward_cents) == (ActionState.AUTHENTICATED, 250)
    assert carpool.replayed(partner) == []


def _sent(partner: Partner, *rows: str) -> list[Action]:
    job = partner.send(table(*rows), action_type=carpool.KIND)
    assert (job.state, job.error) == ("done", None)
    return actions(partner)

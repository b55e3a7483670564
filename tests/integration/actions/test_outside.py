"""Deeds by rules that name calendars, zones and numbers: dated, kept, and valued again alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from app.actions import review
from app.clock import Clock
from app.errors import Problem
from app.impact.catalogue import catalogue
from app.rewards.models import RuleSet
from app.rewards.outside.documents import document
from app.rewards.outside.models import OutsideData
from app.rewards.outside.publishing import publish_outside
from app.rewards.programmes import Two, publish_rules
from app.rewards.rule_sets.published import rule_set_hash
from app.rewards.valuing import deeds
from tests.integration.actions.test_evaluations import attest, kept, replayed, rules
from tests.support.city import City, Clerk
from tests.support.general_rules import limit

SOURCE = {"source": "made up for a test", "licence": "CC0"}


@pytest.fixture
def city(db: Session) -> City:
    return City(db, Clock().now(db).replace(hour=12, minute=0, second=0, microsecond=0))


@pytest.fixture
def clerk(city: City) -> Clerk:
    return city.clerk(city.organisation())


def put(city: City, kind: str, name: str, data: Any, days: int = -300) -> OutsideData:
    """Holds from so many days from now."""
    found = document({"kind": kind, "name": name, **SOURCE, "data": data})
    begin = city.now + timedelta(days=days)
    return publish_outside(city.session, found, valid_from=begin, now=city.now)


def doubled_on(calendar: str, **more: Any) -> dict[str, Any]:
    """Glass brings twice as much on the days of a calendar."""
    double = {"id": "holiday", "order": 1, "when": {"in_calendar": {"calendar": calendar}},
              "times": 2}  # fmt: skip
    return rules(outside={"calendars": [calendar]}, adjustments=[double], **more)


def test_a_deed_follows_what_held_on_its_day_and_is_replayed_so(
    db: Session, city: City, clerk: Clerk
) -> None:
    today, tomorrow = (city.now + timedelta(days=n) for n in (0, 1))
    first = put(city, "calendar", "strikes", {"days": [today.date().isoformat()]})
    programme, person = city.programme(rules=doubled_on("strikes")), city.citizen().id
    stored = db.get_one(RuleSet, (programme.id, 1))
    assert stored.outside == [
        {"kind": "calendar", "name": "strikes", "version": 1, "hash": f"0x{first.hash.hex()}"}
    ]
    assert stored.hash == rule_set_hash(stored.rules)  # a strike day is no new version of rules
    strike, other = (attest(city, clerk, person, programme, timedelta(minutes=n)) for n in (1, 2))
    put(city, "calendar", "strikes", {"days": [tomorrow.date().isoformat()]}, days=1)
    officer = city.citizen().id
    deeds.refuse(db, other.id, reason="not-plausible", by=officer, now=city.now)
    appeal = review.appeal(db, action_id=other.id, person_id=person, text="Si", now=city.now)
    city.now = tomorrow + timedelta(hours=1)
    deeds.answer_appeal(db, appeal.id, upheld=True, text="Oui", by=officer, now=city.now)
    day_after = attest(city, clerk, person, programme)
    assert [one.reward_cents for one in (strike, other, day_after)] == [200, 200, 200]
    valued = [one.outside for one in kept(db, programme) if one.of_number is None]
    assert valued == [[["calendar", "strikes", version]] for version in (1, 1, 1, 2)]
    assert replayed(db, programme) == []


def test_a_limits_number_and_a_zone_are_kept_outside(db: Session, city: City, clerk: Clerk) -> None:
    put(city, "number", "a-day", {"value": 150})
    put(city, "zone", "north", {"codes": {"district": ["Nord"]}})
    cap = limit(1, "citizen", "day", "cents", 0) | {"most": {"number": "a-day"}}
    near = {"in_zone": {"zone": "north", "end": "end", "unknown": "fail"}}
    said = rules(cap, outside={"numbers": ["a-day"], "zones": ["north"]})
    said["conditions"].append({"id": "near", "order": 2, "require": near})
    programme, person = city.programme(rules=said), city.citizen().id
    found = [attest(city, clerk, person, programme, timedelta(minutes=n)) for n in (2, 1)]
    put(city, "number", "a-day", {"value": 180}, days=0)
    found.append(attest(city, clerk, person, programme))
    assert [one.reward_cents for one in found] == [100, 50, 30]
    put(city, "zone", "north", {"codes": {"district": ["Sud"]}}, days=0)
    city.now += timedelta(minutes=1)
    away = attest(city, clerk, person, programme)
    assert (away.reward_cents, away.explanation[0]["rule"]) == (0, "near")
    assert replayed(db, programme) == []


def test_rules_name_only_what_is_kept_by_their_first_day(db: Session, city: City) -> None:
    with pytest.raises(Problem) as refused:
        city.programme(rules=doubled_on("nowhere"))
    assert (refused.value.code, refused.value.field) == ("rules-invalid", "$.outside.calendars[0]")
    put(city, "calendar", "late", {"days": ["2031-05-01"]}, days=10)
    programme = city.programme()
    for days, passes in ((9, False), (10, True)):
        asked: dict[str, Any] = {
            "valid_from": city.now + timedelta(days=days),
            "catalogue": catalogue(),
            "by": Two(),
            "now": city.now,
        }
        if passes:
            assert publish_rules(db, programme, doubled_on("late"), **asked).outside
        else:
            with pytest.raises(Problem, match="rules-invalid"):
                publish_rules(db, programme, doubled_on("late"), **asked)


def test_what_was_published_is_frozen_and_begins_no_earlier(db: Session, city: City) -> None:
    put(city, "number", "most", {"value": 1})
    with pytest.raises(Problem, match="outside-unchanged"):
        put(city, "number", "most", {"value": 1}, days=1)
    with pytest.raises(Problem, match="outside-in-the-past"):
        put(city, "number", "most", {"value": 2}, days=-1)
    for statement in ("update outside_data set data = '{}'", "delete from outside_data"):
        with pytest.raises(ProgrammingError, match="permission denied"), db.begin_nested():
            db.execute(text(statement))
    second = put(city, "number", "most", {"value": 2}, days=1)
    third = OutsideData(
        **second.model_dump(exclude={"id", "version", "valid_from"}),
        version=3,
        valid_from=city.now - timedelta(days=1),
    )
    db.add(third)
    with pytest.raises(IntegrityError, match="not_in_the_past"):
        db.flush()

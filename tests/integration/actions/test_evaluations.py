"""Deeds valued by the general language: limits of every kind, kept inputs, corrections, replay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col

from app.actions import review
from app.actions.models import Action, ActionState
from app.clock import Clock
from app.errors import Problem
from app.impact.catalogue import catalogue
from app.rewards.models import Evaluation, Programme, RewardCounter
from app.rewards.programmes import Two, publish_rules
from app.rewards.valuing import deeds
from app.rewards.valuing.replay import Replay
from app.rewards.valuing.slices import promised
from tests.support.city import City, Clerk
from tests.support.general_rules import limit

ZONE = "Europe/Paris"


def rules(*limits: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Half a cent for ten grams of glass: 2 kg bring 100 cents."""
    return {
        "version": 2,
        "time_zone": ZONE,
        "conditions": [
            {"id": "glass", "order": 1, "require": {"action_type": {"in": ["glass-recycling"]}}}
        ],
        "tariffs": [
            {
                "id": "by-weight",
                "order": 1,
                "measure": "quantity",
                "bands": "cumulative",
                "unknown": "fail",
                "steps": [{"per": {"of": "quantity", "cents": "0.5", "size": 10}}],
            }
        ],
        "rounding": "half_up",
        "limits": list(limits),
        **more,
    }


EVERY_KIND = rules(
    limit(1, "citizen", "week", "actions", 20),
    limit(2, "citizen", "day", "cents", 150),
    limit(3, "pair", "month", "actions", 5, unknown_who="pass"),
    limit(4, "other", "day", "seats", 5, unknown_who="pass"),
    limit(5, "attester", "year", "cents", 100_000),
    limit(6, "partner", "day", "cents", 1_000, unknown_who="pass"),
    limit(7, "trip", "always", "cents", 90),
    limit(8, "programme", "always", "actions", 50),
)


@pytest.fixture
def city(db: Session) -> City:
    return City(db, Clock().now(db).replace(hour=12, minute=0, second=0, microsecond=0))


@pytest.fixture
def clerk(city: City) -> Clerk:
    return city.clerk(city.organisation())


def attest(
    city: City, clerk: Clerk, person: UUID, programme: Programme, ago: timedelta = timedelta()
) -> Action:
    at = int((city.now - ago).timestamp())
    return city.attest(clerk, person, programme, deed_at=at)


def kept(db: Session, programme: Programme) -> list[Evaluation]:
    query = select(Evaluation).where(col(Evaluation.programme_id) == programme.id)
    db.flush()
    return list(db.scalars(query.order_by(col(Evaluation.number))))


def replayed(db: Session, programme: Programme) -> list[str]:
    db.flush()
    db.expire_all()
    run = Replay(db, programme)
    found = [one.what for one in run.differences()]
    assert run.done.cents == promised(db, programme.id) or found
    return found


def test_limits_of_every_kind_are_counted_and_told(db: Session, city: City, clerk: Clerk) -> None:
    programme, person = city.programme(rules=EVERY_KIND), city.citizen().id
    first, second = (attest(city, clerk, person, programme, timedelta(minutes=n)) for n in (1, 2))
    assert (first.reward_cents, second.reward_cents) == (90, 60)
    one, two = kept(db, programme)
    assert (one.worth_cents, one.cents, one.cut_by) == (100, 90, ["trip-always-cents"])
    assert (two.worth_cents, two.cents, two.cut_by) == (100, 60, ["citizen-day-cents"])
    assert {(name, before, by) for name, _, _, _, before, by in two.counters} == {
        ("citizen-week-actions", 1, 1),
        ("citizen-day-cents", 90, 60),
        ("attester-year-cents", 90, 60),
        ("trip-always-cents", 0, 60),
        ("programme-always-actions", 1, 1),
        ("=first", 1, 0),
    }
    assert str(person) not in str([one.facts, one.counters, two.facts, two.counters])
    scopes = set(
        db.scalars(
            select(col(RewardCounter.scope)).where(col(RewardCounter.programme_id) == programme.id)
        )
    )
    assert f"person:{person}" in scopes
    assert f"attester:{clerk.organisation.id}" in scopes
    assert replayed(db, programme) == []


def test_a_correction_frees_room_for_later_ones_alone(
    db: Session, city: City, clerk: Clerk
) -> None:
    programme, person = city.programme(rules=EVERY_KIND), city.citizen().id
    first, second = (attest(city, clerk, person, programme, timedelta(minutes=n)) for n in (1, 2))
    deeds.undo(db, first.id, by=clerk.person_id, at=clerk.organisation.id, now=city.now)
    assert (first.state, second.reward_cents) == (ActionState.WITHDRAWN, 60)
    third = attest(city, clerk, person, programme, timedelta(minutes=3))
    assert third.reward_cents == 90
    numbers = [(one.kind.value, one.of_number) for one in kept(db, programme)]
    back = kept(db, programme)[0].number
    assert numbers == [("valued", None), ("valued", None), ("returned", back), ("valued", None)]
    assert promised(db, programme.id) == 150
    assert replayed(db, programme) == []


def doubled_soon(db: Session, city: City, programme: Programme, doubled: Any) -> None:
    """Twice as much, from in an hour on."""
    doubled["tariffs"][0]["steps"][0]["per"]["cents"] = 1
    publish_rules(
        db,
        programme,
        doubled,
        valid_from=city.now + timedelta(hours=1),
        catalogue=catalogue(),
        by=Two(),
        now=city.now,
    )


def test_a_late_deed_is_valued_by_its_day_and_counted_there(
    db: Session, city: City, clerk: Clerk
) -> None:
    day = limit(1, "citizen", "day", "cents", 150)
    programme, person = city.programme(rules=rules(day), funded=230), city.citizen().id
    doubled_soon(db, city, programme, rules(day))
    before = attest(city, clerk, person, programme)
    late = attest(city, clerk, person, programme, timedelta(minutes=1))
    assert (before.reward_cents, late.reward_cents) == (100, 50)
    officer = city.citizen().id
    deeds.refuse(db, late.id, reason="not-plausible", by=officer, now=city.now)
    appeal = review.appeal(db, action_id=late.id, person_id=person, text="Si", now=city.now)
    city.now += timedelta(days=1)
    clerk.organisation.actions_per_day = 100
    today = attest(city, clerk, person, programme)
    assert (today.rule_set_version, today.reward_cents) == (2, 130)
    deeds.answer_appeal(db, appeal.id, upheld=True, text="Oui", by=officer, now=city.now)
    again = kept(db, programme)[-1]
    assert (late.rule_set_version, late.reward_cents) == (1, 0)  # what is left now
    assert (again.worth_cents, again.left_cents, again.cut_by) == (100, 0, ["citizen-day-cents",
                                                                          "budget"])  # fmt: skip
    assert again.counters[0][3:5] == [late.deed_day.isoformat(), 100]  # in its day's period
    assert today.reward_cents == 130  # nothing is priced anew
    assert replayed(db, programme) == []


def test_a_replay_tells_what_was_altered(db: Session, city: City, clerk: Clerk) -> None:
    programme, person = city.programme(rules=EVERY_KIND), city.citizen().id
    for minutes in (1, 2):
        attest(city, clerk, person, programme, timedelta(minutes=minutes))
    last, seen = kept(db, programme)[-1].number, set[str]()
    for name, value, said in (
        ("cents", 59, {"granted", "reward of the deed"}),
        ("cut_by", [], {"cut by"}),
        ("facts", {"quantity": 1000}, {"worth by itself"}),
        ("left_cents", 3, {"granted", "cut by", "counters"}),
    ):

        def alter(found: Evaluation, _context: Any, name: str = name, value: Any = value) -> None:
            if found.number == last:
                changed = found.facts | value if name == "facts" else value
                set_committed_value(found, name, changed)

        event.listen(Evaluation, "load", alter)
        try:
            seen = set(replayed(db, programme))
        finally:
            event.remove(Evaluation, "load", alter)
        assert said <= seen, name
    db.execute(text("update reward_counter set cents = cents + 1 where scope like 'attester:%'"))
    assert [what.split(" of ")[0] for what in replayed(db, programme)] == [
        f"counter attester-year-cents:{city.now.year}"
    ]


def test_what_was_kept_cannot_be_altered(db: Session) -> None:
    for statement in ("update evaluation set cents = 0", "delete from evaluation"):
        with pytest.raises(ProgrammingError, match="permission denied"), db.begin_nested():
            db.execute(text(statement))


def test_what_the_rules_must_find_out_first_waits(db: Session, city: City, clerk: Clerk) -> None:
    asking = rules()
    asking["conditions"].append(
        {"id": "adults", "order": 2, "require": {"adult": {"who": "citizen"}}, "unknown": "ask"}
    )
    programme, person = city.programme(rules=asking), city.citizen()
    person.age_band = None
    waits = attest(city, clerk, person.id, programme)
    assert (waits.state, waits.reward_cents) == (ActionState.RECORDED, 0)
    assert waits.explanation[0]["code"] == "to_find_out"
    assert kept(db, programme) == []
    with pytest.raises(Problem, match="still-to-find-out"):
        deeds.release(db, waits.id, by=city.citizen().id, now=city.now)

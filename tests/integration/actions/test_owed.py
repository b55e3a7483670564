"""Amounts under zero: no credit ever is, and what is owed is set against later ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.actions.models import Action
from app.clock import Clock
from app.db import uuid7
from app.governance.service import confirm
from app.identity import service as identity
from app.rewards.language.lines import Line
from app.rewards.language.words import sentences
from app.rewards.models import Programme
from app.rewards.valuing import deeds, evaluations, owed
from app.rewards.valuing.evaluations import FIRST
from app.rewards.valuing.slices import promised
from tests.integration.actions.test_corrections import settle
from tests.integration.actions.test_evaluations import kept, replayed, rules
from tests.support.city import City, Clerk
from tests.support.general_rules import limit

GRAMS = 10  # one cent; see below


@pytest.fixture
def city(db: Session) -> City:
    return City(db, Clock().now(db).replace(hour=12, minute=0, second=0, microsecond=0))


@pytest.fixture
def clerk(city: City) -> Clerk:
    return city.clerk(city.organisation())


def less_a_euro(*limits: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A cent for ten grams of glass, less a euro: under a kilogram somebody owes."""
    fee = {"id": "fee", "order": 1, "minus": {"cents": 100}}
    found = rules(*limits, adjustments=[fee], **{"negative": "allowed", **more})
    found["tariffs"][0]["steps"] = [{"per": {"of": "quantity", "cents": 1, "size": 10}}]
    return found


def bring(city: City, clerk: Clerk, person: Any, programme: Programme, cents: int) -> Action:
    """So much glass that it is worth so many cents; a minute after the one before."""
    city.now += timedelta(minutes=1)
    return city.attest(clerk, person, programme, confirmed=True, quantity=(cents + 100) * GRAMS)


def test_what_is_owed_is_set_against_later_ones_and_told(
    db: Session, city: City, clerk: Clerk
) -> None:
    programme, person = city.programme(rules=less_a_euro()), city.citizen().id
    first, second, third = (bring(city, clerk, person, programme, cents) for cents in (-40, 30, 25))
    assert [one.reward_cents for one in (first, second, third)] == [0, 0, 15]
    assert owed.owed_by(db, person) == {}
    rows = kept(db, programme)
    assert [(one.worth_cents, one.amount_cents, one.cents) for one in rows] == [
        (-40, -40, 0), (30, 30, 0), (25, 25, 15)
    ]  # fmt: skip
    assert [one.counters for one in rows] == [
        [
            ["=owed", "citizen", "cents", "always", before, by],
            [FIRST, "citizen", "actions", "glass-recycling", *first],
        ]
        for (before, by), first in (((0, 40), (0, 0)), ((40, -30), (0, 1)), ((10, -10), (1, 0)))
    ]
    told = [[Line.from_json(line) for line in one.explanation] for one in (first, second, third)]
    assert [sum(line.cents for line in lines) for lines in told] == [0, 0, 15]
    assert [
        sentences(lines, "en")[-1].removeprefix("Never a negative credit, so ") for lines in told
    ] == [
        "set against later ones (still to be set against: 0.40 tokens): 0.40 tokens.",
        "0.40 tokens were still to be set against (left of it: 0.10 tokens): −0.30 tokens.",
        "0.10 tokens were still to be set against (left of it: nothing): −0.10 tokens.",
    ]
    assert promised(db, programme.id) == 15
    assert replayed(db, programme) == []


def test_a_correction_leaves_what_was_settled_alone(db: Session, city: City, clerk: Clerk) -> None:
    programme, person = city.programme(rules=less_a_euro()), city.citizen().id
    first, second = (bring(city, clerk, person, programme, cents) for cents in (-40, 60))
    deeds.refuse(db, first.id, reason="not-plausible", by=city.citizen().id, now=city.now)
    assert second.reward_cents == 20
    assert owed.owed_by(db, person) == {programme.id: -40}
    third = bring(city, clerk, person, programme, 5)
    assert third.reward_cents == 45
    assert owed.owed_by(db, person) == {}
    assert replayed(db, programme) == []


def test_a_settled_one_reversed_gives_back_what_it_took_and_no_other_does(
    db: Session, city: City, clerk: Clerk
) -> None:
    programme, person = city.programme(rules=less_a_euro()), city.citizen().id
    taking, giving = (bring(city, clerk, person, programme, cents) for cents in (-40, 60))
    settle(db, 999_131, taking, giving)
    explained = [one.explanation for one in (taking, giving)]
    for one, owes in ((giving, {}), (taking, {programme.id: -40})):
        asked = deeds.decided.propose_reversal(
            db, action_id=one.id, reason="made-up", by=uuid7(), now=city.now
        )
        confirm(db, asked.id, by=uuid7(), now=city.now)
        assert owed.owed_by(db, person) == owes
    assert [one.reward_cents for one in (taking, giving)] == [0, 20]
    assert [one.explanation for one in (taking, giving)] == explained
    assert promised(db, programme.id) == 20
    assert bring(city, clerk, person, programme, 5).reward_cents == 45
    assert replayed(db, programme) == []


def test_the_budget_bounds_the_credit_and_not_what_is_set_against(
    db: Session, city: City, clerk: Clerk
) -> None:
    programme, person = city.programme(rules=less_a_euro(), funded=60), city.citizen().id
    bring(city, clerk, person, programme, -50)
    second = bring(city, clerk, person, programme, 100)
    assert (second.reward_cents, kept(db, programme)[-1].cut_by) == (50, [])
    bring(city, clerk, person, programme, -5)
    third = bring(city, clerk, person, programme, 100)
    assert (third.reward_cents, kept(db, programme)[-1].cut_by) == (10, ["budget"])
    budget = next(one for one in third.explanation if one["rule"] == "budget")
    assert budget["values"]["left_cents"] == 10
    assert (promised(db, programme.id), owed.owed_by(db, person)) == (60, {})
    assert replayed(db, programme) == []


def test_who_leaves_owes_nothing(db: Session, city: City, clerk: Clerk) -> None:
    programme, leaves = city.programme(rules=less_a_euro()), city.citizen()
    bring(city, clerk, leaves.id, programme, -40)
    assert owed.owed_by(db, leaves.id) == {programme.id: 40}
    leaves.closed_at = city.now
    owed.forget_with_hours(db, leaves.id)
    assert owed.owed_by(db, leaves.id) == {}
    assert replayed(db, programme) == []
    assert identity.person(db, leaves.id).closed_at is not None


def test_what_is_taken_back_of_who_left_makes_nobody_owe_again(
    db: Session, city: City, clerk: Clerk
) -> None:
    """As of a batch that the chain refused after the account was closed."""
    programme, leaves = city.programme(rules=less_a_euro()), city.citizen()
    taking, giving = (bring(city, clerk, leaves.id, programme, cents) for cents in (-40, 30))
    leaves.closed_at = city.now
    owed.forget_with_hours(db, leaves.id)
    db.expire_all()
    for one in (taking, giving):
        deeds.refuse(db, one.id, reason="not-plausible", by=city.citizen().id, now=city.now)
        assert owed.owed_by(db, leaves.id) == {}
    assert replayed(db, programme) == []


STEPS = st.lists(
    st.one_of(st.integers(-99, 200), st.sampled_from(["undo"])), min_size=1, max_size=12
)


@settings(max_examples=15, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(STEPS)
def test_no_credit_is_negative_and_the_sum_is_right_in_the_end(
    db: Session, city: City, clerk: Clerk, steps: list[int | str]
) -> None:
    day = limit(1, "citizen", "day", "cents", 250)
    programme, person = city.programme(rules=less_a_euro(day), funded=600), city.citizen().id
    standing: list[Action] = []
    for step in steps:
        if isinstance(step, int):
            standing.append(bring(city, clerk, person, programme, step))
            assert standing[-1].reward_cents >= 0
        elif standing:
            deeds.refuse(db, standing.pop(0).id, reason="not-plausible",
                         by=city.citizen().id, now=city.now)  # fmt: skip
    db.flush()
    held = evaluations.standing(db, [one.id for one in standing])
    still = owed.owed_by(db, person).get(programme.id, 0)
    amounts = sum(one.amount_cents for one in held.values())
    assert sum(one.reward_cents for one in standing) - amounts == still
    assert sum(one.reward_cents for one in standing) == promised(db, programme.id) <= 600
    # Once enough comes, nothing is owed any more, and both sums are the same.
    if still > 0:
        city.now += timedelta(days=1)
        last = bring(city, clerk, person, programme, 250)
        credit = sum(one.reward_cents for one in standing) + last.reward_cents
        assert credit == max(0, amounts) + max(0, 250 + min(0, amounts))
        assert owed.owed_by(db, person) == {}
    assert replayed(db, programme) == []

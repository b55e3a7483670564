"""Corrections and late deeds: room for what comes later, and nothing that is settled moves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.actions import review
from app.actions.models import Action, ActionState
from app.clock import Clock
from app.db import uuid7
from app.errors import Problem
from app.governance.service import confirm
from app.rewards.models import Programme
from app.rewards.valuing import deeds
from app.rewards.valuing.slices import promised
from tests.integration.actions.test_evaluations import (
    attest,
    doubled_soon,
    kept,
    replayed,
    rules,
)
from tests.support.city import City, Clerk
from tests.support.general_rules import limit

DAY = limit(1, "citizen", "day", "cents", 150)


@pytest.fixture
def city(db: Session) -> City:
    return City(db, Clock().now(db).replace(hour=12, minute=0, second=0, microsecond=0))


@pytest.fixture
def clerk(city: City) -> Clerk:
    return city.clerk(city.organisation())


def settle(db: Session, number: int, *actions: Action) -> None:
    """As the indexer leaves them: one batch."""
    batch = {"batch": uuid7().bytes * 2, "programme": actions[0].programme_id, "number": number}
    db.flush()
    db.execute(
        text(
            "insert into batch (id, programme_id, sequence, root, action_count, reward_cents,"
            " credits, artefact, state, created_at)"
            " values (:batch, :programme, :number, :batch, 1, 10, '[]', 'x', 'final', now())"
        ),
        batch,
    )
    for index, one in enumerate(actions):
        db.execute(
            text("update action set state = 'settled', batch_id = :batch, leaf = :leaf,"
                 " leaf_index = :index where id = :id"),
            batch | {"leaf": uuid7().bytes * 2, "index": index, "id": one.id},
        )  # fmt: skip
        db.refresh(one)


def standing(db: Session, programme: Programme) -> list[dict[str, Any]]:
    return [{name: getattr(one, name) for name in ("number", "kind", "facts", "cents", "counters")}
            for one in kept(db, programme)]  # fmt: skip


def test_nothing_settled_is_priced_again(db: Session, city: City, clerk: Clerk) -> None:
    """Neither by undo, refusal or reversal of another, nor by money or rules that come later."""
    programme, person = city.programme(rules=rules(DAY), funded=400), city.citizen().id
    first, second = (attest(city, clerk, person, programme, timedelta(minutes=n)) for n in (1, 2))
    assert (first.reward_cents, second.reward_cents) == (100, 50)
    settle(db, 999_101, first, second)
    before, explained = standing(db, programme), [first.explanation, second.explanation]
    for refused in (
        lambda: deeds.undo(db, first.id, by=clerk.person_id, at=None, now=city.now),
        lambda: deeds.refuse(db, first.id, reason="made-up", by=uuid7(), now=city.now),
        lambda: deeds.release(db, first.id, by=uuid7(), now=city.now),
        lambda: review.appeal(db, action_id=first.id, person_id=person, text="x", now=city.now),
    ):
        with pytest.raises(Problem, match="wrong-state"):
            refused()
    asked = deeds.decided.propose_reversal(
        db, action_id=first.id, reason="made-up", by=uuid7(), now=city.now
    )
    confirm(db, asked.id, by=uuid7(), now=city.now)
    city.fund(programme, 1000)
    doubled_soon(db, city, programme, rules(DAY))
    assert (first.state, second.state) == (ActionState.REVERSED, ActionState.SETTLED)
    assert [first.reward_cents, second.reward_cents] == [100, 50]
    assert [first.explanation, second.explanation] == explained
    assert standing(db, programme) == before  # tokens are not clawed back, so no room is free
    assert attest(city, clerk, person, programme, timedelta(minutes=3)).reward_cents == 0
    assert promised(db, programme.id) == 150
    assert replayed(db, programme) == []


def test_what_is_corrected_frees_its_own_days_room_and_no_other(
    db: Session, city: City, clerk: Clerk
) -> None:
    """Yesterday's deed taken back today: yesterday has room again, and today has no more."""
    programme, person = city.programme(rules=rules(DAY)), city.citizen().id
    yesterday = [attest(city, clerk, person, programme, timedelta(minutes=n)) for n in (1, 2)]
    appealed = _refused(db, city, yesterday[1], person)
    city.now += timedelta(days=1)
    today = [attest(city, clerk, person, programme, timedelta(minutes=n)) for n in (1, 2)]
    assert [one.reward_cents for one in (*yesterday, *today)] == [100, 0, 100, 50]
    deeds.refuse(db, yesterday[0].id, reason="made-up", by=uuid7(), now=city.now)
    assert attest(city, clerk, person, programme, timedelta(minutes=3)).reward_cents == 0
    deeds.answer_appeal(db, appealed, upheld=True, text="Oui", by=uuid7(), now=city.now)
    assert [one.reward_cents for one in (*yesterday, *today)] == [0, 100, 100, 50]
    assert kept(db, programme)[-1].counters[0][3:] == [yesterday[0].deed_day.isoformat(), 0, 100]
    assert replayed(db, programme) == []


def test_a_late_deed_waits_with_its_own_days_rules(db: Session, city: City, clerk: Clerk) -> None:
    """Over the ceiling today, let through after the rules changed: yesterday's rules, what is left
    of the money now, and yesterday's period."""
    programme, person = city.programme(rules=rules(DAY), funded=230), city.citizen().id
    doubled_soon(db, city, programme, rules(DAY))
    clerk.organisation.actions_per_day = 1
    first = attest(city, clerk, person, programme, timedelta(minutes=1))
    late = attest(city, clerk, person, programme, timedelta(minutes=2))
    assert (first.reward_cents, late.state) == (100, ActionState.RECORDED)
    city.now += timedelta(days=1)
    assert attest(city, clerk, city.citizen().id, programme).reward_cents == 130  # all that is left
    city.fund(programme, 40)
    deeds.release(db, late.id, by=uuid7(), now=city.now)
    valued = kept(db, programme)[-1]
    assert (late.rule_set_version, late.reward_cents, valued.worth_cents) == (1, 40, 100)
    assert (valued.left_cents, valued.cut_by) == (40, [DAY["id"], "budget"])
    assert valued.counters[0][3:] == [late.deed_day.isoformat(), 100, 40]
    assert replayed(db, programme) == []


def _refused(db: Session, city: City, action: Action, person: UUID) -> UUID:
    at: datetime = city.now
    deeds.refuse(db, action.id, reason="not-plausible", by=uuid7(), now=at)
    return review.appeal(db, action_id=action.id, person_id=person, text="Si", now=at).id

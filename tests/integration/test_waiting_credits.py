"""What a deed waits for once its delay is over: planned under the day's ceiling, and said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.clock import Clock
from app.outbox.models import Incident, OutboxItem, OutboxState
from app.outbox.pauses import pause
from app.rewards.batches import waiting
from app.rewards.batches.batching import cut_batch
from app.rewards.batches.day_ends import Place
from app.rewards.batches.due import Limits
from app.rewards.batches.line import standing_behind
from app.rewards.batches.plan_models import CreditPlan
from app.rewards.batches.waiting import Reason, Wait, waits_of
from app.rewards.models import Funding, Programme
from tests.support.city import City
from tests.support.waiting_credits import due_deeds, refuse

EACH = 10  # cents a deed brings


@pytest.fixture
def now(db: Session) -> datetime:
    return Clock().now(db).replace(hour=12, minute=0, second=0, microsecond=0)  # days end later


@pytest.fixture
def programme(db: Session, now: datetime) -> Programme:
    return City(db, now).programme(batch_min_accounts=1)


@pytest.fixture
def deeds(db: Session, programme: Programme, now: datetime) -> list[Action]:
    """Six people's, in the order in which they are credited."""
    return due_deeds(db, programme, now, 6)


def midnight(now: datetime, days: int) -> datetime:
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=days)


def cut(session: Session, programme: Programme, folder: Path, now: datetime, ceiling: int) -> bool:
    limits = Limits(daily_ceiling_cents=ceiling)
    made = cut_batch(session, programme, folder=folder, now=now, limits=limits) is not None
    session.flush()
    session.expire_all()
    return made


def test_each_is_told_the_day_on_which_the_ceiling_lets_it_through(
    db: Session, programme: Programme, deeds: list[Action], now: datetime, tmp_path: Path
) -> None:
    assert cut(db, programme, tmp_path, now, 2 * EACH)
    assert not cut(db, programme, tmp_path, now, 2 * EACH), "never over the ceiling"
    ours = Wait(Reason.DAY_CEILING, midnight(now, 1)), Wait(Reason.DAY_CEILING, midnight(now, 2))
    found = waits_of(db, deeds, now)
    assert [found.get(deed.id) for deed in deeds] == [None, None, ours[0], ours[0], *ours[1:] * 2]
    assert waits_of(db, deeds[-1:], now) == {deeds[-1].id: ours[1]}, "whoever else is asked about"


@pytest.mark.parametrize(
    ("zone", "hour", "day"),
    [
        ("UTC", 5, "2026-12-01"),
        ("Pacific/Tahiti", 5, "2026-11-30"),  # at two in the afternoon
        ("Pacific/Noumea", 5, "2026-12-01"),
        ("Pacific/Noumea", 14, "2026-12-01"),  # where it is that day already
    ],
)
def test_officers_are_told_the_day_on_which_the_chain_s_day_begins_in_the_city(
    db: Session, tmp_path: Path, zone: str, hour: int, day: str
) -> None:
    db.info["civis.clock"] = Clock(zone=ZoneInfo(zone))
    now = datetime(2026, 11, 30, hour, tzinfo=UTC)
    programme = City(db, now).programme(batch_min_accounts=1)
    due_deeds(db, programme, now, 2)
    assert cut(db, programme, tmp_path, now, EACH)
    assert not cut(db, programme, tmp_path, now, EACH)
    told = db.scalars(select(col(Incident.detail))).one()
    assert told == f"{programme.slug}: credited from {day} on: day ceiling"


def test_a_deed_that_no_longer_fits_its_day_waits_for_the_next(
    db: Session, programme: Programme, deeds: list[Action], now: datetime, tmp_path: Path
) -> None:
    """Never half of one: each day the batcher takes what fits it whole, in order."""
    ceiling, told = 2 * EACH - 1, dict[UUID, datetime | None]()
    assert cut(db, programme, tmp_path, now, ceiling)
    assert not cut(db, programme, tmp_path, now, ceiling)
    for one, wait in waits_of(db, deeds, now).items():
        told[one] = wait.until
    assert [told.get(deed.id) for deed in deeds] == [
        None,
        *(midnight(now, days) for days in (1, 2, 3, 4, 5)),
    ]


def test_a_higher_ceiling_lets_all_through_and_nothing_waits(
    db: Session, programme: Programme, deeds: list[Action], now: datetime, tmp_path: Path
) -> None:
    assert cut(db, programme, tmp_path, now, 2 * EACH)
    assert cut(db, programme, tmp_path, now, 100 * EACH)
    assert waits_of(db, deeds, now) == {}


def test_without_money_nobody_says_when(
    db: Session, programme: Programme, deeds: list[Action], now: datetime, tmp_path: Path
) -> None:
    funding = db.scalars(select(Funding)).one()
    funding.amount_cents = 5 * EACH
    assert cut(db, programme, tmp_path, now, 100 * EACH)
    assert not cut(db, programme, tmp_path, now, 100 * EACH)
    assert waits_of(db, deeds, now) == {deeds[-1].id: Wait(Reason.FUNDING, None)}


def test_a_pause_on_the_chain_is_told_with_its_end(
    db: Session, programme: Programme, deeds: list[Action], now: datetime, tmp_path: Path
) -> None:
    until = now + timedelta(days=14)
    cut(db, programme, tmp_path, now, 2 * EACH)
    refuse(db, "PauseInForce(family=1)", until)
    assert set(waits_of(db, deeds, now).values()) == {Wait(Reason.PAUSE, until)}
    refuse(db, "DailyCeilingExceeded()", midnight(now, 1))
    first = waits_of(db, deeds, now)[deeds[0].id]
    assert first == Wait(Reason.DAY_CEILING, midnight(now, 1)), "of a batch that is cut already"


def test_a_key_that_is_paused_pauses_all(db: Session, deeds: list[Action], now: datetime) -> None:
    assert waits_of(db, deeds, now) == {}
    pause(db, "minter", reason="by ana: the key moves tonight", now=now)
    assert set(waits_of(db, deeds, now).values()) == {Wait(Reason.PAUSE, None)}
    assert waits_of(db, deeds, now - timedelta(days=1)) == {}, "its delay is not over"


def test_what_the_chain_takes_again_waits_no_more(
    db: Session, programme: Programme, deeds: list[Action], now: datetime, tmp_path: Path
) -> None:
    cut(db, programme, tmp_path, now, 100 * EACH)
    refuse(db, "PauseInForce(family=1)", now + timedelta(days=14))
    row = db.scalars(select(OutboxItem).where(col(OutboxItem.kind) == "commit_batch")).one()
    row.state, row.waits_until = OutboxState.SENT, None
    db.flush()
    assert waits_of(db, deeds, now) == {}


def test_what_is_on_its_way_does_not_wait_for_what_comes_after_it(
    db: Session, programme: Programme, deeds: list[Action], now: datetime, tmp_path: Path
) -> None:
    cut(db, programme, tmp_path, now, 2 * EACH)
    first = select(OutboxItem).where(col(OutboxItem.kind) == "commit_batch")
    db.scalars(first).one().state = OutboxState.SENT
    cut(db, programme, tmp_path, now, 4 * EACH)
    refuse(db, "DailyCeilingExceeded()", midnight(now, 1))
    found = waits_of(db, deeds, now)
    assert not {deed.id for deed in deeds[:2]} & found.keys()
    assert {found[deed.id] for deed in deeds[2:4]} == {Wait(Reason.DAY_CEILING, midnight(now, 1))}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Place]:
    """Which places of the line a page has read."""
    read = list[Place]()

    def counted(*asked: Any) -> Iterator[tuple[Place, int]]:
        for place, cents in standing_behind(*asked):
            read.append(place)
            yield place, cents

    monkeypatch.setattr(waiting, "standing_behind", counted)
    monkeypatch.setattr(waiting, "MOST_SINCE", 2)
    return read


def test_a_page_reads_only_what_came_after_the_line_was_walked(
    db: Session, programme: Programme, now: datetime, tmp_path: Path, read: list[Place]
) -> None:
    """It would take seconds with a city's deeds in it."""
    deeds = due_deeds(db, programme, now, 6)
    assert cut(db, programme, tmp_path, now, 2 * EACH)
    assert waits_of(db, deeds, now)[deeds[-1].id].until == midnight(now, 2)
    assert read == [], "the batcher has walked it"

    later = due_deeds(db, programme, now, 3)
    for number, deed in enumerate(later):
        deed.due_at = now - timedelta(seconds=3 - number)
    db.flush()
    days = [waits_of(db, [deed], now)[deed.id].until for deed in later]
    assert days == [midnight(now, 3), midnight(now, 3), None], "and not without bound"
    assert set(read) == {(deed.due_at, deed.id) for deed in later[:2]}


def test_the_line_is_walked_again_after_a_while(
    db: Session, programme: Programme, deeds: list[Action], now: datetime, tmp_path: Path
) -> None:
    assert cut(db, programme, tmp_path, now, 2 * EACH)
    gone, last = deeds[2], deeds[-1]
    gone.state = ActionState.WITHDRAWN
    db.flush()
    assert waits_of(db, [last], now)[last.id].until == midnight(now, 2)
    soon = now + timedelta(minutes=4)
    for later, until in ((soon, 2), (soon + timedelta(minutes=1), 2)):
        assert not cut(db, programme, tmp_path, later, 2 * EACH)
        assert waits_of(db, [last], later)[last.id].until == midnight(now, until)
    line = db.get_one(CreditPlan, programme.id).line
    assert line is not None
    assert [one[1] for one in line["ends"]] == ["0" * 32, deeds[4].id.hex]

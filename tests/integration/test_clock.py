"""One clock: PostgreSQL's, moved only where it may be."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.clock import Clock, ClockFixedError
from app.services import Services


def test_it_is_postgresqls_clock_and_goes_on_within_a_transaction(db: Session) -> None:
    clock = Clock()
    before = db.execute(text("select clock_timestamp()")).scalar_one()
    first, second = clock.now(db), clock.now(db)
    after = db.execute(text("select clock_timestamp()")).scalar_one()
    assert before < first < second < after
    assert first.utcoffset() == timedelta(0)


def test_moves_add_up_and_reach_every_process(services: Services) -> None:
    elsewhere = Clock(movable=True)
    with services.database.transaction() as session:
        services.clock.move(session, days=2)
        services.clock.move(session, hours=-1)
    with services.database.transaction() as session:
        fixed = Clock().now(session)
        moved = elsewhere.now(session)
        assert timedelta(hours=47) <= moved - fixed < timedelta(hours=47, minutes=5)
        services.clock.move(session, hours=-47)


def test_a_real_clock_neither_moves_nor_reads_the_offset(services: Services) -> None:
    with services.database.transaction() as session:
        services.clock.move(session, days=30)
        with pytest.raises(ClockFixedError):
            Clock(movable=False).move(session, days=1)
        assert services.clock.now(session) - Clock().now(session) > timedelta(days=29)
        services.clock.move(session, days=-30)

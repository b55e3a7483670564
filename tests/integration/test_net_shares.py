"""A programme's net share: a dated row with a source, beside the gross figure and never in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from app.config import DatabaseRole, Settings
from app.db import Database
from app.errors import NotFound, Problem
from app.reporting import sums
from app.reporting.models import NetShare, PublishedCell
from app.reporting.net_shares import Typed, net_shares_of, published, set_net_share
from app.rewards.models import Programme, ProgrammeState
from load.dashboard import cells
from tests.integration.test_sums import HERE, asking

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOURCE = "Survey of 412 riders by the university, May 2026"
GOOD = Typed("bike-trip", "45,5", SOURCE, "2026-03")


@pytest.fixture
def programme(db: Session) -> Programme:
    """One whose cells are published: a bike trip and others in each of two years' months."""
    rows = cells()
    made = Programme(
        chain_id=rows[0]["programme_chain_id"],
        slug="net-shares",
        name={"fr": "Parts", "en": "Shares"},
        token_symbol="NET",
        state=ProgrammeState.RUNNING,
        first_day=date(2025, 1, 1),
        last_day_to_earn=date(2026, 12, 31),
        last_day_to_spend=date(2027, 3, 31),
        created_at=NOW,
    )
    db.add(made)
    db.flush()
    db.execute(insert(PublishedCell), rows)
    return made


def shown(db: Session) -> dict[tuple[str, date], tuple[int | None, str | None]]:
    found = sums.shown(asking(db), ["bike-trip", "bus-trip"], 12, HERE).sums
    return {(one.action_type_id, one.month): (one.net_permille, one.net_source) for one in found}


def test_it_counts_from_its_month_on_and_the_last_word_holds(
    db: Session, programme: Programme
) -> None:
    gross = sums.everything(db.connection(), HERE).figures
    for typed in (GOOD, replace(GOOD, percent="40"), replace(GOOD, month="2026-07")):
        set_net_share(db, programme.id, typed, by=uuid4(), now=NOW)
    found = shown(db)
    assert found["bike-trip", date(2026, 2, 1)] == (None, None)
    assert found["bike-trip", date(2026, 3, 1)] == (400, SOURCE), "the later word of one month"
    assert found["bike-trip", date(2026, 6, 1)] == (400, SOURCE)
    assert found["bike-trip", date(2026, 7, 1)] == (455, SOURCE)
    assert found["bus-trip", date(2026, 7, 1)] == (None, None)
    assert [(one["from_month"], one["permille"]) for one in published(db)] == [
        ("2026-03", 400),
        ("2026-07", 455),
    ]
    assert {one["provenance"] for one in published(db)} == {"records"}
    assert len(net_shares_of(db, programme.id)) == 3, "what was said before stays on record"
    assert sums.everything(db.connection(), HERE).figures == gross, "figures stay gross"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"action_type": "glass-recycling"}, "action_type"),
        ({"action_type": "flying"}, "action_type"),
        ({"percent": "100.1"}, "percent"),
        ({"percent": "-1"}, "percent"),
        ({"percent": "4٣"}, "percent"),
        ({"percent": "half"}, "percent"),
        ({"source": "  a guess  "}, "source"),
        ({"source": "x" * 501}, "source"),
        ({"source": "a survey \x07 of ours"}, "source"),
        ({"month": "2026-13"}, "month"),
        ({"month": "March"}, "month"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    db: Session, programme: Programme, change: dict[str, str], field: str
) -> None:
    typed = replace(GOOD, **change)
    with pytest.raises(Problem) as refused:
        set_net_share(db, programme.id, typed, by=uuid4(), now=NOW)
    assert [one.field for one in refused.value.fields] == [field]
    assert net_shares_of(db, programme.id) == []
    with pytest.raises(NotFound):
        set_net_share(db, uuid4(), GOOD, by=uuid4(), now=NOW)


def test_postgresql_holds_the_bounds_and_no_row_changes(
    db: Session, programme: Programme, settings: Settings
) -> None:
    row = {"programme_id": programme.id, "action_type_id": "bike-trip", "permille": 1001}
    row |= {"source": SOURCE, "from_month": date(2026, 3, 1), "set_at": NOW, "set_by": uuid4()}
    for change in ({}, {"permille": 1, "source": " short "}, {"permille": 1, "from_month": NOW}):
        with pytest.raises(IntegrityError), db.begin_nested():
            db.execute(insert(NetShare), [{"id": uuid4(), **row, **change}])
    database = Database(settings.database_url(DatabaseRole.APP))
    with database.session() as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(update(NetShare).values(permille=1))
    database.dispose()

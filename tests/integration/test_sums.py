"""Figures follow their cells in the database; page and export read nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session
from sqlmodel import col

from app.config import DatabaseRole, Settings
from app.db import Database
from app.governance.emergency_models import EmergencyAccess
from app.impact.catalogue import catalogue
from app.impact.entries import PROOF_LEVEL_NUMBERS
from app.reporting import sums
from app.reporting.figures import CountedCell, Figure, FigureKey, figures_of
from app.reporting.models import PublishedCell, PublishedFigure
from load.dashboard import cells
from tests.support.city import City

HERE = ZoneInfo("Europe/Paris")
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
ATTESTED = PROOF_LEVEL_NUMBERS["attested"]


def counted(row: PublishedCell) -> CountedCell:
    number = catalogue().action_type(row.action_type_id, row.action_type_version).number
    month, proof = row.month.year * 100 + row.month.month, PROOF_LEVEL_NUMBERS[row.proof_level]
    key = FigureKey(row.programme_chain_id, month, number, row.action_type_version, proof)
    sizes = (row.actions, row.reward_cents, row.metrics)
    return CountedCell(key, row.correction, *sizes, row.block_number)


def added_up(session: Session) -> list[Figure]:
    """Every cell added up anew, as the audit does it."""
    session.expire_all()
    return list(figures_of(counted(row) for row in session.scalars(select(PublishedCell))).values())


def kept(session: Session) -> list[Figure]:
    return sums.everything(session.connection(), HERE).figures


def asking(session: Session) -> sums.Ask:
    return lambda single, _: session.connection().exec_driver_sql(single.sql.decode()).all()


def publish(session: Session) -> None:
    session.execute(insert(PublishedCell), cells())


def test_figures_are_the_sums_of_their_cells_whatever_happens_to_these(db: Session) -> None:
    publish(db)
    assert len(kept(db)) == 24 * len(catalogue().action_types())
    assert kept(db) == added_up(db)
    period = col(PublishedCell.period)
    for change in (
        update(PublishedCell).where(period % 4 == 1).values(correction=True),
        update(PublishedCell).where(period == 7).values(actions=col(PublishedCell.actions) + 1000),
        update(PublishedCell).where(period == 9).values(month=date(2031, 5, 1), block_number=900),
        update(PublishedCell).where(period == 11).values(metrics={"waste_g": 3}),
        delete(PublishedCell).where(period % 4 == 3),
    ):
        before = kept(db)
        db.execute(change)
        assert kept(db) != before
        assert kept(db) == added_up(db)
    db.execute(delete(PublishedCell))
    assert kept(db) == []


def test_the_same_cells_make_the_same_rows_in_whatever_order_they_come(db: Session) -> None:
    publish(db)
    rows = select(PublishedFigure.__table__).order_by(  # type: ignore[attr-defined]
        *PublishedFigure.__table__.primary_key  # type: ignore[attr-defined]
    )
    first = db.execute(rows).all()
    programme = db.scalar(select(col(PublishedCell.programme_chain_id)).limit(1))
    db.execute(delete(PublishedCell))
    again = [cell | {"programme_chain_id": programme} for cell in reversed(cells())]
    db.execute(insert(PublishedCell), again)
    assert db.execute(rows).all() == first


def test_a_page_reads_some_kinds_and_the_last_months(db: Session) -> None:
    publish(db)
    kinds = ["bike-trip", "glass-recycling"]
    found = sums.shown(asking(db), kinds, 12, HERE)
    wanted = [
        figure
        for figure in added_up(db)
        if figure.key.month >= 202601 and catalogue().by_number(figure.key.action_type).id in kinds
    ]
    assert len(wanted) == 24
    assert sorted(
        (one.month, one.actions, one.reward_cents, one.waste_g) for one in found.sums
    ) == (
        sorted(
            (
                date(one.key.month // 100, one.key.month % 100, 1),
                one.actions,
                one.reward_cents,
                one.metrics["waste_g"],
            )
            for one in wanted
        )
    )


def test_the_headline_counts_what_is_vouched_for_and_tells_the_rest_apart(db: Session) -> None:
    publish(db)
    own_word = {"proof_level": "declared", "reward_cents": 0, "position": 900, "actions": 6}
    db.execute(insert(PublishedCell), [cells()[-1] | own_word])
    late = [figure for figure in added_up(db) if figure.key.month >= 202601]
    vouched = [figure for figure in late if figure.key.proof_level >= ATTESTED]
    assert sums.totals(db.connection(), 12) == (
        sum(figure.actions for figure in vouched),
        sum(figure.reward_cents for figure in vouched),
        6,
    )


def test_without_cells_there_is_nothing(db: Session) -> None:
    assert sums.totals(db.connection(), 12) == (0, 0, 0)
    assert sums.shown(asking(db), ["bike-trip"], 12, HERE) == sums.Shown(0, sums.Records(), [])
    assert sums.shown(asking(db), [], 12, HERE).sums == []
    assert kept(db) == []


@pytest.mark.parametrize(
    ("zone", "opened", "last"),
    [
        ("UTC", 2, date(2026, 12, 31)),
        ("Pacific/Tahiti", 2, date(2026, 12, 31)),
        ("Europe/Paris", 1, date(2027, 1, 1)),
        ("Pacific/Noumea", 2, date(2027, 1, 1)),
    ],
)
def test_emergency_accesses_are_of_the_city_s_day_and_year(
    db: Session, zone: str, opened: int, last: date
) -> None:
    """Ninety and thirty minutes before UTC's new year; one long before."""
    person = City(db, NEW_YEAR).citizen().id
    for minutes in (90, 30, 60 * 24 * 200):
        at = NEW_YEAR - timedelta(minutes=minutes)
        until = at + timedelta(hours=1)
        db.add(EmergencyAccess(person_id=person, reason_sealed=b"why", opened_at=at, until=until))
    db.flush()
    page = sums.shown(asking(db), [], 12, ZoneInfo(zone)).records
    assert page == sums.everything(db.connection(), ZoneInfo(zone)).records
    in_summer = int(last.year == 2026)
    assert (page.emergencies, page.last_emergency) == (opened + in_summer, last)


def test_nobody_writes_a_figure(settings: Settings) -> None:
    database = Database(settings.database_url(DatabaseRole.APP))
    for statement in (
        "update published_figure set actions = 1",
        "delete from published_figure",
        "select add_to_figure(cell, 1) from published_cell cell",
    ):
        with database.session() as session, pytest.raises(ProgrammingError, match="permission"):
            session.execute(text(statement))
    database.dispose()

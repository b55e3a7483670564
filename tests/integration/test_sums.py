"""What PostgreSQL adds up for pages is what the export publishes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.impact.catalogue import catalogue
from app.reporting import export, sums
from app.reporting.figures import figures_of
from app.reporting.models import PublishedCell
from load.dashboard import cells


def test_sums_are_the_figures_of_the_export(db: Session) -> None:
    db.execute(PublishedCell.__table__.insert(), cells())  # type: ignore[attr-defined]
    odd = update(PublishedCell).where(col(PublishedCell.period) % 4 == 1)
    db.execute(odd.values(correction=True))
    known, since = catalogue(), date(2026, 1, 1)
    kinds = ["bike-trip", "glass-recycling"]
    every = figures_of(export.published_cells(db, known)).values()
    late = [one for one in every if one.key.month >= 202601]
    wanted = [one for one in late if known.by_number(one.key.action_type).id in kinds]
    assert len(wanted) == 24
    assert sums.figures_since(db, known, since, kinds) == wanted
    expected = (sum(one.actions for one in late), sum(one.reward_cents for one in late))
    assert sums.totals(db, since) == expected
    assert sums.newest_month(db) == date(2026, 12, 1)


def test_without_cells_there_is_nothing(db: Session) -> None:
    assert sums.newest_month(db) is None
    assert sums.totals(db, date.max) == (0, 0)
    assert sums.figures_since(db, catalogue(), date.max, ["bike-trip"]) == []

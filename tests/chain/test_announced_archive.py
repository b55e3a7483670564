"""An end announced for a later day than was published: the chain keeps the published one, the
city's word is the later one, and the archive has both."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.endings.announcing import first_last_day, propose_end
from app.impact.catalogue import catalogue
from app.reporting.archive import write_archive
from app.reporting.audit.archive_files import PROGRAMMES
from app.reporting.audit.run import audit_archive
from tests.support import archives
from tests.support.archives import Files
from tests.support.public_side import PublicSide
from tests.support.season import SPEND, Season

ROOTS = "a root of the access log for each day since the first"  # nobody seals it here
DAYS = "seasons of the archive, their published last days and when they closed, are the chain's"
WORD = (
    "the last day to spend of each season is the published one, or a later one that was announced"
)
PUBLISHED, ANNOUNCED = "published_last_day_to_spend", "last_day_to_spend"


@pytest.fixture(scope="module")
def season(side: PublicSide) -> Season:
    """Announced three weeks before its published last day, so for nine days after it."""
    made = Season(side)
    made.publish(5_000)
    made.invite(5)
    side.deeds(made.programme, made.people, "glass-recycling")
    assert side.publish(made.programme) is not None
    made.until(SPEND - 21)
    with side.world.transaction() as (_session, now):
        first = first_last_day(made.programme, now)
    made.by_two(propose_end, made.programme_id, first)
    return made


def write(season: Season, folder: Path) -> Path:
    with season.side.world.services.database.session() as session:
        deployment = season.side.world.services.settings.deployment_file
        write_archive(session, catalogue(), deployment, season.side.gateway, folder)
    return folder


@pytest.fixture(scope="module")
def archive(season: Season, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(season, tmp_path_factory.mktemp("public") / "archive")


def wrong(folder: Path, node: str | None = None) -> set[str]:
    report = audit_archive(folder, node)
    assert report.figures_compared > 0, report.reason
    found = {check.name for check in report.checks if not check.agrees} - {ROOTS}
    return found | {one.figure for one in report.differences}


def row_of(files: Files) -> dict[str, Any]:
    [row] = files[PROGRAMMES]["programmes"]
    return dict(row)


def told(folder: Path) -> dict[str, Any]:
    kept: list[dict[str, Any]] = []
    archives.content_changed(folder, lambda files: kept.append(row_of(files)))
    return kept[0]


def changed(archive: Path, folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    shutil.copytree(archive, folder)
    archives.content_changed(folder, lambda files: change(files[PROGRAMMES]["programmes"][0]))
    archives.summed_anew(folder)
    return folder


def test_it_is_made_and_agrees_and_tells_both_days(
    season: Season, archive: Path, tmp_path: Path
) -> None:
    assert (wrong(archive), wrong(archive, season.side.gateway)) == (set(), set())
    row = told(shutil.copytree(archive, tmp_path / "read"))
    published, announced = date.fromisoformat(row[PUBLISHED]), date.fromisoformat(row[ANNOUNCED])
    assert published == season.programme.first_day + timedelta(days=SPEND)
    assert announced == published + timedelta(days=9) == season.programme.last_day_to_spend
    assert PUBLISHED in (archive / "README.txt").read_text("utf-8")


def days_on(day: str, days: int) -> str:
    return str(date.fromisoformat(day) + timedelta(days=days))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda row: row.update({PUBLISHED: days_on(row[PUBLISHED], 3)}), {DAYS}),
        (lambda row: row.update({PUBLISHED: row[ANNOUNCED]}), {DAYS}),
        (lambda row: row.update({ANNOUNCED: days_on(row[PUBLISHED], -1)}), {WORD}),
        (lambda row: row.update({ANNOUNCED: "whenever"}), {WORD}),
        (lambda row: row.update(end_announced_at=None), {WORD}),
        (lambda row: row.pop(PUBLISHED), {DAYS}),
    ],
    ids=["published", "both later", "sooner", "no day", "not announced", "left out"],
)
def test_what_is_said_otherwise_differs(
    archive: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None], found: set[str]
) -> None:
    assert wrong(changed(archive, tmp_path / "changed", change)) == found


def as_before(row: dict[str, Any]) -> None:
    """As archives were written while nothing kept the published day."""
    row[ANNOUNCED] = row.pop(PUBLISHED)


def test_an_archive_from_before_is_checked_as_before(archive: Path, tmp_path: Path) -> None:
    assert wrong(changed(archive, tmp_path / "changed", as_before)) == set()

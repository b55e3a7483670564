"""A public figure that isn't the sum of the chain's cells is found by `civis index`, and mended."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import create_engine, text

from app.config import DatabaseRole, Settings
from app.db import Database
from app.reporting.audit.run import DIFFERS
from app.reporting.projecting import check_again
from app.rewards.models import Programme
from tests.support.public_side import PublicSide

ROWS = text("select cast(one as text) from published_figure one order by 1")


@pytest.fixture(scope="module")
def city(side: PublicSide, programme: Programme) -> PublicSide:
    """Two kinds; six deeds of one were taken back, by a cell that is a correction."""
    people = side.world.citizens(12)
    side.deeds(programme, people, "bike-trip")
    made = side.deeds(programme, people, "glass-recycling")
    assert side.publish(programme) is not None
    side.reverse(made[:6])
    assert side.publish(programme) is not None
    return side


def again(city: PublicSide, settings: Settings, *, mend: bool = False) -> list[str]:
    """The tables that differ."""
    world = city.world
    owner = Database(settings.database_url(DatabaseRole.MIGRATOR), pool_size=1)
    try:
        found = check_again(replace(world.edge, database=owner), world.fence, mend=mend)[1]
    finally:
        owner.dispose()
    assert found["published_figure"].rows > 1
    return [name for name, one in found.items() if not one.same]


def rows(city: PublicSide) -> list[str]:
    with city.world.services.database.session() as session:
        return list(session.execute(ROWS).scalars())


BOTH = ["published_cell", "published_figure"]
CHANGES = {
    "more": ("update published_figure set actions = actions + 1000", BOTH[1:]),
    "gone": ("delete from published_figure", BOTH[1:]),
    "moved": ("update published_figure set month = '2020-01-01'", BOTH[1:]),
    "by its cell": ("update published_cell set actions = actions + 1", BOTH),
    "gone with its cell": ("delete from published_figure; delete from published_cell", BOTH),
    "gone before another cell": (
        "delete from published_figure; update published_cell set month = '2020-01-01'", BOTH
    ),
    "a cell that the future brings": (
        "update published_cell set actions = 9, block_number = 999999 where not correction", BOTH
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_the_public_reads_is_found_and_made_good(
    city: PublicSide, settings: Settings, name: str
) -> None:
    change, differ = CHANGES[name]
    before = rows(city)
    assert again(city, settings) == []
    owner = create_engine(settings.database_url(DatabaseRole.MIGRATOR))
    with owner.begin() as connection:
        for statement in change.split(";"):
            connection.execute(text(statement))
    owner.dispose()
    assert city.audit().verdict == DIFFERS
    assert again(city, settings) == differ
    again(city, settings, mend=True)
    assert (again(city, settings), rows(city)) == ([], before)
    assert not city.audit().differences

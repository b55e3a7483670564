"""A lease is kept by whoever gets on, and by nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.outbox.leases import Fence, LeaseLost, acquire

LEFT = text(
    "select extract(epoch from until - clock_timestamp())::float from lease where name = 'a job'"
)
SET = text(
    "update lease set until = clock_timestamp() + make_interval(secs => :left) where name = 'a job'"
)


@pytest.fixture
def fence(db: Session) -> Fence:
    found = acquire(db, "a job", "one", 1000)
    assert found is not None
    return found


@pytest.mark.parametrize(("left", "kept"), [(900, 900), (400, 1000), (-5, 1000)])
def test_checking_it_prolongs_a_lease_that_is_half_over(
    db: Session, fence: Fence, left: float, kept: float
) -> None:
    """Also one that is over, as long as nobody has taken it."""
    db.execute(SET, {"left": left})
    fence.check(db)
    assert kept - 100 < db.execute(LEFT).scalar_one() <= kept


def test_who_lost_it_prolongs_nothing(db: Session, fence: Fence) -> None:
    db.execute(SET, {"left": -1})
    assert acquire(db, "a job", "another", 60) is not None
    with pytest.raises(LeaseLost):
        fence.check(db)
    assert db.execute(LEFT).scalar_one() <= 60

"""Who approved whom: counted by month and pair, whatever kind of decision it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from app.db import uuid7
from app.governance.models import Proposal, ProposalState
from app.reporting.approvals import OFTEN, month_of, pairs_of
from tests.support.city import City

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
NOVEMBER = month_of(date(2026, 11, 30), ZoneInfo("Europe/Paris"))


def _decided(db: Session, one: UUID, other: UUID, at: datetime, state: ProposalState) -> None:
    db.add(
        Proposal(
            kind="role", subject=str(uuid7()), payload={}, state=state, proposed_by=one,
            proposed_at=at, decided_by=other, decided_at=at,
        )
    )  # fmt: skip
    db.flush()


def test_pairs_are_counted_by_month_and_kind_does_not_matter(db: Session) -> None:
    one, other, third = uuid7(), uuid7(), uuid7()
    for _ in range(3):
        _decided(db, one, other, NOW, ProposalState.CONFIRMED)
    _decided(db, other, one, NOW, ProposalState.CONFIRMED)
    _decided(db, one, third, NOW, ProposalState.REJECTED)
    _decided(db, one, other, NOW - timedelta(days=31), ProposalState.CONFIRMED)
    City(db, NOW).programme(funded=1000)  # a funding, of two treasurers
    found = pairs_of(db, *NOVEMBER)
    assert [(p.proposed_by, p.confirmed_by, p.decisions, p.share) for p in found[:1]] == [
        (one, other, 3, 60)
    ]
    assert sum(p.decisions for p in found) == 5
    assert not any(p.often for p in found)


@pytest.mark.parametrize(("theirs", "others", "often"), [(OFTEN, 1, True), (OFTEN, OFTEN, False)])
def test_the_same_two_stand_out_only_among_many(
    db: Session, theirs: int, others: int, often: bool
) -> None:
    one, other = uuid7(), uuid7()
    for _ in range(theirs):
        _decided(db, one, other, NOW, ProposalState.CONFIRMED)
    for _ in range(others):
        _decided(db, uuid7(), uuid7(), NOW, ProposalState.CONFIRMED)
    assert [p.often for p in pairs_of(db, *NOVEMBER) if p.proposed_by == one] == [often]


def test_a_month_is_the_city_s() -> None:
    since, until = NOVEMBER
    assert since.astimezone(UTC) == datetime(2026, 10, 31, 23, tzinfo=UTC)
    assert until.astimezone(UTC) == datetime(2026, 11, 30, 23, tzinfo=UTC)

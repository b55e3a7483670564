"""An end is announced by two, in time; one that nobody announces does not come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.change_models import Change
from app.endings.announcing import first_last_day, propose_end, published_last_day, tell_next
from app.endings.closing import go_on_next
from app.endings.letters import tell_ending
from app.errors import Problem
from app.governance.service import confirm
from app.identity.mandates import service as mandates
from app.identity.mandates.models import Act
from app.identity.models import Account, WalletKind
from app.mail_models import OutgoingMail
from app.outbox.models import Incident
from app.rewards.models import ProgrammeState
from tests.support.city import City

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_an_end_is_announced_in_time_and_never_shortens_what_was_published(db: Session) -> None:
    city = City(db, NOW)
    programme = city.programme()
    programme.last_day_to_spend = (NOW + timedelta(days=10)).date()
    programme.last_day_to_earn = NOW.date()
    first = first_last_day(programme, NOW)
    assert published_last_day(db, programme) == programme.last_day_to_spend
    assert first == (NOW + timedelta(days=30)).date()
    with pytest.raises(Problem, match="end-too-soon"):
        propose_end(db, programme.id, first - timedelta(days=1), by=uuid4(), now=NOW)
    proposal = propose_end(db, programme.id, first, by=uuid4(), now=NOW)
    assert tell_next(db, NOW) == 0, "one officer announces nothing"
    confirm(db, proposal.id, by=uuid4(), now=NOW)
    assert programme.last_day_to_spend == first
    assert published_last_day(db, programme) == (NOW + timedelta(days=10)).date()
    with pytest.raises(Problem, match="end-announced"):
        propose_end(db, programme.id, first, by=uuid4(), now=NOW)
    before = select(col(Change.before)).where(col(Change.what) == "end")
    assert db.scalars(before).one()["last_day_to_spend"] == "2026-12-03"


def test_an_end_of_which_people_are_not_told_is_told_to_the_operator(db: Session) -> None:
    """Who came only now is told in the next round, and alarms nobody."""
    city = City(db, NOW)
    programme, incidents = city.programme(), select(col(Incident.code))
    programme.end_announced_at = NOW
    programme.last_day_to_spend = (NOW + timedelta(days=95)).date()
    after = NOW + timedelta(days=2)
    for made_at, at, found in (
        (after, after, []),
        (NOW, after - timedelta(seconds=1), []),
        (NOW, after, ["end_not_told"]),
    ):
        db.add(
            Account(person_id=city.citizen().id, programme_id=programme.id,
                    address=city.wallets.new_account(), wallet=WalletKind.CUSTODIAL,
                    created_at=made_at)
        )  # fmt: skip
        db.flush()
        assert go_on_next(db, at, set())
        assert db.scalars(incidents).all() == found


def test_an_end_that_nobody_announces_is_told_to_the_operator(db: Session) -> None:
    programme = City(db, NOW).programme()
    programme.last_day_to_spend = (NOW + timedelta(days=60)).date()
    programme.last_day_to_earn = NOW.date()
    for _ in range(2):
        assert go_on_next(db, NOW, set())
    assert db.scalars(select(col(Incident.code))).all() == ["end_not_announced"]
    late = NOW + timedelta(days=100)
    assert go_on_next(db, late, set())
    assert programme.state is ProgrammeState.RUNNING


def test_who_acts_for_somebody_without_an_address_is_written_to(db: Session) -> None:
    city = City(db, NOW)
    programme, ward = city.programme(), city.citizen()
    for act in (Act.SEE, Act.CLOSE):
        scope = mandates.Scope(frozenset({act}), NOW + timedelta(days=30), None)
        made = mandates.offer(db, ward.id, f"{act.value}@city.example", scope, now=NOW)
        mandates.accept(db, made.id, by=made.representative_id, now=NOW)
    before = _letters(db)
    assert tell_ending(db, programme, ward, NOW)
    assert _letters(db) == before + 1, "only who sees or spends for them needs to know"
    assert not tell_ending(db, programme, city.citizen(), NOW)


def _letters(db: Session) -> int:
    db.flush()
    return db.scalar(select(func.count()).select_from(OutgoingMail)) or 0

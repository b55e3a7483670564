"""The round of retention: one rule that fails stops no other, and is named."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.outbox.leases import Fence, acquire
from app.outbox.models import Incident
from app.privacy import service
from app.privacy.models import SubjectKey
from app.privacy.retention import RULES, Rule, rotate_epochs
from app.privacy.service import create_subject
from app.services import Services
from tests.integration.test_one_by_one import NOWHERE
from workers import keeping
from workers.context import Workshop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def open_ones(services: Services) -> dict[str | None, str]:
    with services.database.session() as session:
        query = select(Incident).where(
            col(Incident.code).in_(("one_fails", "keys_lost")),
            col(Incident.acknowledged_at).is_(None),
        )
        return {one.reference: one.detail for one in session.scalars(query)}


def begun(services: Services) -> tuple[UUID, Fence]:
    """Somebody whose key is gone, and the job's turn."""
    with services.database.transaction() as session:
        lost = create_subject(session, services.clock.now(session))
        session.get_one(SubjectKey, lost).epoch = "2020-01"
        fence = acquire(session, f"retention-{uuid4()}", "test", 60)
    assert fence is not None
    return lost, fence


def test_the_others_are_applied_and_what_fails_is_named(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied = list[str]()

    def broken(_session: Session, rule: Rule, _now: object) -> int:
        applied.append(rule.table)
        if rule.table == RULES[0].table:
            raise LookupError("this rule")
        return 0

    monkeypatch.setattr(keeping, "apply_rule", broken)
    monkeypatch.setattr(keeping, "keep_months", lambda _: 0)
    monkeypatch.setattr(Workshop, "log_database", None)
    lost, fence = begun(services)
    with pytest.raises(ExceptionGroup):
        keeping.retention(Workshop(services, NOWHERE, "test"), fence)
    assert applied == [rule.table for rule in RULES]
    named = open_ones(services)
    assert named["vault"] == "the keys of 1 people open no more"
    assert named[f"{fence.name}:{RULES[0].table}"].endswith("LookupError: this rule")

    with services.database.transaction() as session:
        session.delete(session.get_one(SubjectKey, lost))
    monkeypatch.setattr(keeping, "apply_rule", lambda *_: 0)
    assert keeping.retention(Workshop(services, NOWHERE, "test"), fence) >= 0
    assert open_ones(services) == {}


def test_keys_that_open_no_more_hold_up_nobody_else_s_and_keep_their_month_s(db: Session) -> None:
    """Such as those of a vault's backup that was too old. Nobody destroys a month's key because
    of them: it may be another than the one that they were wrapped under."""
    living, broken, gone = (service.create_subject(db, NOW) for _ in range(3))
    db.get_one(SubjectKey, broken).wrapped_data_key = b"\x00" * 61
    db.get_one(SubjectKey, gone).epoch = "2026-08"
    db.flush()
    then = datetime(2026, 12, 6, tzinfo=UTC)
    first = rotate_epochs(db, then)
    assert (first.rewrapped >= 1, first.lost) == (True, 2)
    assert db.get_one(SubjectKey, living).epoch == "2026-12"
    second = rotate_epochs(db, then)
    assert (second.rewrapped, second.destroyed, second.lost) == (0, (), 2)
    for one in (broken, gone):
        service.erase_subject(db, one, then)
    third = rotate_epochs(db, then)
    assert (third.destroyed, third.lost) == (("2026-11",), 0)

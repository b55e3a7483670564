"""What is due goes, what is not stays; as the application's own database role."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Column, select, text
from sqlalchemy.orm import Session
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from app.identity import never_came
from app.identity import service as identity
from app.identity.mandates import queries
from app.identity.mandates import service as mandates
from app.identity.mandates.models import Act
from app.identity.mandates.service import Scope
from app.identity.models import Attempt, IdentityLevel, Person, Role, SignInSession
from app.privacy import retention
from app.privacy.retention import RULES, apply_retention, due
from app.rights.kept import KEPT
from app.rights.register import is_sealed, names_a_person
from app.tables import metadata

__all__ = ["never_came"]
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.table)
def test_every_rule_names_a_time_of_a_table_and_says_why(rule: retention.Rule) -> None:
    assert isinstance(metadata.tables[rule.table].columns[rule.column].type, UTCDateTime)
    assert rule.keep > timedelta()
    assert rule.why


def test_sessions_go_thirty_days_after_their_end(db: Session) -> None:
    person = identity.register_person(db, None, level=IdentityLevel.CARD, now=NOW)
    identity.open_session(db, person.id, "browser", NOW)
    identity.open_session(db, person.id, "browser", NOW + timedelta(seconds=2))
    ends = NOW + timedelta(days=7)
    assert apply_retention(db, ends + timedelta(days=30))["sign_in_session"] == 0
    assert apply_retention(db, ends + timedelta(days=30, seconds=1))["sign_in_session"] == 1
    assert len(db.scalars(select(SignInSession)).all()) == 1


def test_long_lists_go_chunk_by_chunk(db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_CHUNK", 3)
    db.add_all(Attempt(key=f"key-{n}", window_ends=NOW, count=1) for n in range(7))
    db.add(Attempt(key="later", window_ends=NOW + timedelta(days=1), count=1))
    db.flush()
    assert apply_retention(db, NOW + timedelta(hours=2))["attempt"] == 7
    left = select(col(Attempt.key))
    assert db.scalars(left).all() == ["later"]


def test_a_dry_run_counts_what_the_next_round_takes(db: Session) -> None:
    db.add_all(Attempt(key=f"dry-{n}", window_ends=NOW, count=1) for n in range(3))
    db.flush()
    later = NOW + timedelta(hours=2)
    counted = {one.rule.table: one.rows for one in due(db, later)}
    assert counted["attempt"] == 3
    assert apply_retention(db, later) == counted
    assert {one.rows for one in due(db, later)} == {0}


def test_who_was_named_and_never_came_is_forgotten_after_ninety_days(db: Session) -> None:
    giver = identity.register_person(db, None, level=IdentityLevel.CARD, now=NOW)
    scope = Scope(frozenset({Act.SEE}), NOW + timedelta(days=300))
    offers = {
        name: mandates.offer(db, giver.id, f"{name}@never.example", scope, now=NOW)
        for name in ("nobody", "came", "officer", "later")
    }
    person = {name: db.get_one(Person, one.representative_id) for name, one in offers.items()}
    identity.open_session(db, person["came"].id, "browser", NOW + timedelta(days=1))
    identity.grant_role(db, person_id=person["officer"].id, role=Role.OFFICER, now=NOW)
    named_again = NOW + timedelta(days=80)
    mandates.offer(db, giver.id, "later@never.example", scope, now=named_again)
    limit = NOW + timedelta(days=90)
    assert _due(db, limit) == 0
    after = limit + timedelta(seconds=1)
    assert _due(db, after) == 1, "a dry run"
    assert person["nobody"].email_sealed, "which erases nobody"
    db.execute(text("delete from sign_in_session"))  # as another rule does a month later
    assert apply_retention(db, after)["person"] == 1
    assert {name for name, one in person.items() if one.closed_at is None} == {
        *("came", "officer", "later"),
    }
    gone = person["nobody"]
    assert (gone.email_lookup, gone.email_sealed) == (None, None)
    assert identity.person_by_email(db, "nobody@never.example") is None
    assert not queries.may_still(db, offers["nobody"], after), "nobody accepts it any more"
    assert queries.may_still(db, offers["later"], after)
    assert _due(db, named_again + timedelta(days=91)) == 1


def _due(db: Session, now: datetime) -> int:
    [found] = [one.rows for one in due(db, now) if one.rule.table == "person"]
    return found


def test_every_table_with_something_of_a_person_has_an_end_or_a_reason_to_be_kept() -> None:
    personal = {t.fullname for t in metadata.tables.values() if any(map(_personal, t.columns))}
    ends = {rule.table for rule in RULES}
    assert personal <= ends | set(KEPT)
    assert ends & set(KEPT) == {"person"}, "who never came goes, who came stays as a number"
    assert set(KEPT) <= set(metadata.tables)


def _personal(column: Column[Any]) -> bool:
    return names_a_person(column) or is_sealed(column)

"""The journal outside the database: complete for whatever is committed, silent on what is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import journal
from app.identity.block_models import BlockChannel
from app.identity.models import Role
from app.identity.roles import end_role, grant_role
from app.journal import Entry, Journal
from app.privacy import consents
from app.privacy.models import Subject
from app.privacy.service import create_subject, erase_subject
from app.recovery.blocks import block_wallet, lift_block
from app.services import Services
from tests.support.chain_rows import new_person

PURPOSE, RECIPIENT = "research", "city"


def _entries(services: Services) -> tuple[Entry, ...]:
    reading = Journal(services.settings.kept.journal).read()
    assert reading.torn == 0
    return reading.entries


def test_each_end_is_written_in_the_same_act_with_ids_alone(services: Services) -> None:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        person = new_person(session, now)
        officer = new_person(session, now)
        role = grant_role(session, person_id=person.id, role=Role.OFFICER, now=now)
        block = block_wallet(
            session, person.id, channel=BlockChannel.COUNTER, by=officer.id, now=now
        )
    before = len(_entries(services))
    with services.database.transaction() as session:
        end_role(session, role.id, by=None, now=now)
        lift_block(session, block.id, by=create_subject(session, now), now=now)
        erase_subject(session, person.id, now)
    written = _entries(services)[before:]
    assert [(one.kind, one.done) for one in written] == [
        (journal.ROLE_ENDED, True),
        (journal.WALLET_UNBLOCKED, True),
        (journal.ERASED, True),
    ]
    assert [one.ids for one in written] == [
        {"grant": str(role.id)},
        {"block": str(block.id)},
        {"subject": str(person.id)},
    ]


def test_what_is_rolled_back_is_not_written(services: Services) -> None:
    before = _entries(services)
    with services.database.session() as session:
        now = services.clock.now(session)
        erase_subject(session, create_subject(session, now), now)
        session.rollback()
        session.commit()
    with services.database.transaction() as session:
        undone = session.begin_nested()
        erase_subject(session, create_subject(session, now), now)
        undone.rollback()
        with session.begin_nested():
            kept = create_subject(session, now)
            erase_subject(session, kept, now)
    written = _entries(services)[len(before) :]
    assert [one.ids["subject"] for one in written] == [str(kept)]


def test_an_act_whose_line_is_written_and_whose_commit_fails_stays_open(
    services: Services,
) -> None:
    with services.database.session() as session:
        now = services.clock.now(session)
        subject = create_subject(session, now)
        erase_subject(session, subject, now)
        killed = session.scalar(text("select pg_backend_pid()"))
        with services.database.transaction() as other:
            other.execute(text("select pg_terminate_backend(:pid)"), {"pid": killed})
        with pytest.raises(Exception, match=r"connection|terminat"):
            session.commit()
    last = _entries(services)[-1]
    assert (last.ids["subject"], last.done) == (str(subject), False)


def test_nothing_commits_that_the_journal_can_not_hold(services: Services, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    with services.database.session() as session:
        journal.attach(session, Journal(blocked / "folder"))
        now = services.clock.now(session)
        subject = create_subject(session, now)
        erase_subject(session, subject, now)
        for _ in range(2):  # nor when somebody tries again
            with pytest.raises(OSError, match="folder"):
                session.commit()
    with services.database.session() as session:
        found = session.execute(text("select 1 from subject where id = :id"), {"id": subject})
        assert found.first() is None


class FullAtTheEnd(Journal):
    """Its disk is full when the act has been committed."""

    def close(self, entries: Sequence[Entry]) -> None:
        raise OSError(f"no space left for {len(entries)}")


def test_what_has_committed_is_no_failure_where_its_line_can_not_be_closed(
    services: Services, tmp_path: Path
) -> None:
    full = FullAtTheEnd(tmp_path)
    with services.database.transaction() as session:
        journal.attach(session, full)
        now = services.clock.now(session)
        subject = create_subject(session, now)
        erase_subject(session, subject, now)
    assert [(one.kind, one.done) for one in full.read().entries] == [(journal.ERASED, False)]
    with services.database.session() as session:
        assert session.get_one(Subject, subject).erased_at == now


def test_a_session_without_a_journal_ends_nothing(services: Services) -> None:
    with Session(services.database.engine) as bare, pytest.raises(LookupError):
        journal.note(bare, journal.ERASED, services.clock.now(bare), subject=uuid4())


def _some_time() -> datetime:
    return datetime(2026, 11, 29, tzinfo=UTC)


def test_a_line_that_a_crash_cut_short_spoils_no_other(tmp_path: Path) -> None:
    kept = Journal(tmp_path)
    at = Entry(UUID(int=1), _some_time(), journal.ERASED, {"subject": str(UUID(int=2))})
    kept.write([at])
    path = next(tmp_path.glob("*.jsonl"))
    with path.open("ab") as file:
        file.write(b'{"id": "half')
    kept.close([at])
    reading = kept.read()
    assert (reading.torn, [one.done for one in reading.entries]) == (1, [True])
    assert json.loads(path.read_text().splitlines()[0])["kind"] == journal.ERASED
    assert path.stat().st_mode & 0o077 == 0


def test_a_withdrawn_consent_is_written_and_an_expired_one_is_not(services: Services) -> None:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        person = new_person(session, now)
        held = consents.give_consent(session, person.id, PURPOSE, RECIPIENT, now)
        consents.withdraw_consent(session, person.id, PURPOSE, RECIPIENT, now)
    last = _entries(services)[-1]
    assert (last.kind, last.ids) == (journal.CONSENT_WITHDRAWN, {"consent": str(held.id)})

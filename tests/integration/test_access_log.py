"""The log of who looked: readable by the subject alone, sealed in order, dropped by rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.chain.log_seals import LogSeal
from app.config import DatabaseRole
from app.errors import Problem
from app.privacy import service
from app.privacy.models import AccessRecord, AccessSeal
from app.reporting.access.entries import last_seal
from app.reporting.access.sealing import LogRestoredError, keep_months, seal_log
from tests.support.access_log import Log, look, own_log
from tests.support.postgres import Cluster
from tests.support.statements import counted


@pytest.fixture
def log(postgres: Cluster, tmp_path: Path) -> Iterator[Log]:
    with own_log(postgres, tmp_path / "home") as found:
        yield found


def seals(log: Log) -> list[AccessSeal]:
    with log.services.database.session() as session:
        return list(session.scalars(select(AccessSeal).order_by(col(AccessSeal.number))))


def test_an_entry_says_nothing_without_the_subjects_key_and_stays_provable(log: Log) -> None:
    subject = log.subject()
    log.read(subject)
    log.seal()
    with log.services.database.transaction() as session:
        [stored] = session.execute(text("select * from access_record")).mappings()
        assert not any(b"officer" in bytes(v) for v in stored.values() if isinstance(v, bytes))
        assert set(stored) == {"id", "at", "subject_id", "entry_sealed", "written"}
        [known] = service.accesses_of(session, subject)
        assert (known.actor_role, known.purpose) == ("officer", "review")
        service.erase_subject(session, subject, datetime.now(UTC))
    with log.services.database.session() as session, pytest.raises(Problem, match="data-erased"):
        service.accesses_of(session, subject)
    assert (log.check().entries, log.faults()) == (1, [])


def test_one_look_is_one_insert(log: Log) -> None:
    subject = log.subject()
    with log.services.database.transaction() as session:
        value = service.seal(session, subject, service.Ref("action", "note_sealed", "1"), "x")
        before = session.execute(text("select count(*) from access_record")).scalar_one()
        assert before == 0
    database = log.services.database
    with counted(database.engine) as (statements, _), database.transaction() as session:
        service.open_sealed(
            session,
            subject,
            service.Ref("action", "note_sealed", "1"),
            value,
            purpose="review",
            actor=service.Actor.system("test"),
        )
    assert [one.split()[0].upper() for one in statements] == ["SELECT", "SELECT", "INSERT"], (
        "whether it stands still, the key, the entry"
    )


def test_who_commits_late_is_sealed_later_and_never_missed(log: Log) -> None:
    """An older transaction is still open when a younger one's look is sealed."""
    early, late = log.subject(), log.subject()
    log.read(early)
    with log.services.database.session() as slow:
        look(slow, late)
        log.read(early, 2)
        assert log.seal() == 1
        assert (seals(log)[0].entries, log.check().entries) == (1, 1), "not past the open one"
        slow.commit()
    assert log.seal() == 1
    assert [one.entries for one in seals(log)] == [1, 3]
    assert (log.check().entries, log.faults()) == (4, [])


def test_who_gives_up_leaves_no_gap(log: Log) -> None:
    subject = log.subject()
    with log.services.database.session() as session:
        look(session, subject)
        session.rollback()
    log.read(subject)
    log.seal()
    assert ([one.entries for one in seals(log)], log.faults()) == ([1], [])


def test_nothing_new_is_not_sealed_again_and_each_day_has_a_seal(log: Log) -> None:
    assert [log.seal(), log.seal()] == [1, 0]
    with log.services.database.transaction() as session:
        log.services.clock.move(session, days=3)
    assert log.seal() == 3
    found = seals(log)
    assert [one.day - found[0].day for one in found] == [0, 1, 2, 3]
    assert {one.entries for one in found} == {0}
    log.read(log.subject())
    with log.services.database.transaction() as session:
        log.services.clock.move(session, days=-2)  # a clock that goes back gives no earlier day
    assert log.seal() == 1
    assert seals(log)[-1].day == found[-1].day
    assert log.faults() == []


def test_a_seal_that_was_written_and_not_signed_is_signed_next(log: Log) -> None:
    """Whoever seals is killed between the two, or after the signature and before it is kept."""

    class Killed:
        def sign_log_seal(self, seal: LogSeal) -> bytes:
            log.sealer.sign_log_seal(seal)
            raise ConnectionError

    subject = log.subject()
    log.read(subject)
    with pytest.raises(ConnectionError):
        seal_log(log.database, log.services.clock, Killed())
    log.read(subject)
    assert (seals(log)[-1].signature, log.faults()) == (None, [])
    assert [log.seal(), log.seal()] == [1, 1]
    assert [one.entries for one in seals(log)] == [1, 1]
    assert log.faults() == []


def test_a_database_from_a_dump_is_not_sealed_over(log: Log) -> None:
    log.read(log.subject())
    log.seal()
    with log.as_role(DatabaseRole.MIGRATOR) as owner:
        owner.execute(text("update access_seal set written_before = written_before + 1000000"))
        owner.commit()
    with pytest.raises(LogRestoredError, match="restored from a dump"):
        log.seal()


def test_a_month_goes_a_year_after_its_end_and_is_told_from_a_loss(log: Log) -> None:
    subject = log.subject()
    log.read(subject, 2)
    months = "select make_log_month((now() - interval '{} months')::timestamp)"
    with log.as_role(DatabaseRole.MIGRATOR) as owner:
        for age, row in ((13, 0), (12, 1)):
            owner.execute(text(months.format(age)))
            owner.execute(
                text(
                    f"update access_record set at = date_trunc('month', now()) - interval '{age}"
                    " months' where id = (select id from access_record order by id limit 1 offset"
                    f" {row})"
                )
            )
        owner.commit()
    assert keep_months(log.database) == 0, "what is not sealed stays"
    assert log.seal() == 2, "a seal for each month"
    assert keep_months(log.database) == 1
    report = log.check()
    assert (report.entries, report.dropped, report.faults) == (1, 1, [])
    with log.as_role(DatabaseRole.MIGRATOR) as owner:
        owner.execute(text("delete from access_record"))
        owner.commit()
    report = log.check()
    assert report.dropped == 1
    assert [one.what for one in report.faults] == ["0 entries are stored, 1 were sealed"]


def test_the_months_ahead_are_there(log: Log) -> None:
    with log.services.database.session() as session:
        names = "select count(*) from pg_inherits where inhparent = 'access_record'::regclass"
        assert session.execute(text(names)).scalar_one() == 13
        assert last_seal(session) is None
        assert session.scalar(select(col(AccessRecord.id))) is None

"""Whoever alters the log of who looked is found, the owner of every table included.

Each attack runs as that owner, is looked at, and taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.config import DatabaseRole
from app.errors import Problem
from app.privacy.models import AccessSeal
from app.reporting.access.entries import stated
from app.services import Services
from tests.support.access_log import Log, log_of, rewrite

NOT_THE_ONE, UNSIGNED = "an entry is not the one that was sealed", "the signer did not sign it"
FOLLOWS, GAP = "it does not follow the seal before it", "a seal before it is missing"
OLDEST = "id = (select id from access_record order by id limit 1)"
SECOND = (
    "written >= (select written_from from access_seal where number = 2)"
    " and written < (select written_before from access_seal where number = 2)"
)

OTHER_SIGNATURE = (
    "update access_seal set signature = (select signature from access_seal where number = 1)"
    " where number = 2"
)
EMPTIED = (
    "update access_seal set entries = 0, root = decode(repeat('00', 32), 'hex') where number = 2"
)


@pytest.fixture(scope="module")
def log(services: Services) -> Iterator[Log]:
    """Three seals over seven looks at two people; all of it agrees."""
    with log_of(services) as found:
        first, second = found.subject(), found.subject()
        for subject, times in ((first, 3), (second, 2), (first, 2)):
            found.read(subject, times)
            assert found.seal() == 1
        report = found.check()
        assert (report.seals, report.entries, report.faults) == (3, 7, [])
        yield found


@pytest.fixture
def owner(log: Log) -> Iterator[Connection]:
    with log.as_role(DatabaseRole.MIGRATOR) as connection:
        yield connection
        connection.rollback()
    assert log.faults() == []


@pytest.mark.parametrize(
    ("attack", "found"),
    [
        (f"update access_record set entry_sealed = 'nobody' where {OLDEST}", [NOT_THE_ONE]),
        (f"update access_record set at = at - interval '1 second' where {OLDEST}", [NOT_THE_ONE]),
        (f"update access_record set subject_id = gen_random_uuid() where {OLDEST}", [NOT_THE_ONE]),
        (f"update access_record set id = gen_random_uuid() where {OLDEST}", [NOT_THE_ONE]),
        (f"delete from access_record where {OLDEST}", ["2 entries are stored, 3 were sealed"]),
        (f"delete from access_record where {SECOND}", ["0 entries are stored, 2 were sealed"]),
        ("delete from access_seal where number = 2", [GAP, "it leaves transactions out"]),
        ("delete from access_seal where number = 1", [GAP, "it leaves transactions out"]),
        (OTHER_SIGNATURE, [UNSIGNED]),
        (f"{EMPTIED}; delete from access_record where {SECOND}", [UNSIGNED, FOLLOWS]),
    ],
)
def test_a_change_is_found(log: Log, owner: Connection, attack: str, found: list[str]) -> None:
    for statement in attack.split(";"):
        assert owner.execute(text(statement)).rowcount >= 1
    faults = log.faults(owner)
    assert [one for one in faults if "under no seal" not in one] == found


def test_what_is_added_into_the_past_is_found(log: Log, owner: Connection) -> None:
    values = "gen_random_uuid(), subject_id, 'x', written, at"
    columns = "id, subject_id, entry_sealed, written, at"
    add = f"insert into access_record ({columns}) select {values} from access_record where {OLDEST}"
    owner.execute(text(add))
    assert log.faults(owner) == ["4 entries are stored, 3 were sealed"]
    owner.execute(text("delete from access_record where entry_sealed = 'x'"))
    month_before = values.replace("at", "at - interval '2 months'")
    owner.execute(text("select make_log_month((now() - interval '2 months')::timestamp)"))
    owner.execute(text(add.replace(values, month_before)))
    assert log.faults(owner) == ["1 entries are under no seal"]


def test_an_altered_row_with_every_later_hash_rewritten_is_found(
    log: Log, owner: Connection
) -> None:
    """The row was ten minutes old: its seal was signed long ago."""
    owner.execute(text(f"update access_record set entry_sealed = 'nobody' where {OLDEST}"))
    forger = typed.new_key()
    rewrite(owner, lambda seal: typed.sign(seal.digest(), forger))
    assert log.faults(owner) == [UNSIGNED] * 3


def test_the_signer_gives_no_second_seal_to_whoever_asks(log: Log, owner: Connection) -> None:
    """Not even if every row of the signer's own tables was deleted."""
    owner.execute(text(f"delete from access_record where {OLDEST}"))
    owner.execute(text("delete from signer.signed_order"))
    with pytest.raises(Problem) as refused:
        rewrite(owner, log.sealer.sign_log_seal)
    assert (refused.value.code, refused.value.values) == ("signer-seal-refused", {"number": 3})
    with Session(owner) as session:
        rows = list(session.scalars(select(AccessSeal).order_by(col(AccessSeal.number))))
        last = stated(rows[-1])
    assert log.sealer.sign_log_seal(last) == rows[-1].signature, "asked again, signed again"
    for wrong in (
        replace(last, number=5, previous=last.digest()),
        replace(last, number=4, previous=rows[0].root),
        replace(last, entries=last.entries + 1),
    ):
        with pytest.raises(Problem, match="signer-seal-refused"):
            log.sealer.sign_log_seal(wrong)


def test_the_newest_seals_taken_away_are_found(log: Log, owner: Connection) -> None:
    """Their entries wait for a seal, and the signer gives none that it gave already."""
    owner.execute(text("delete from access_seal where number = 3"))
    owner.execute(text("update access_record set at = at - interval '11 minutes'"))
    assert "2 entries have waited for a seal for more than 0:10:00" in log.faults(owner)

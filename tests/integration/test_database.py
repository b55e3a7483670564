"""Connections that lie in the pool while their server goes away."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DataError, OperationalError, ProgrammingError

from app.config import DatabaseRole
from app.db import Database
from app.driver import Fixed
from app.services import Services, connect
from tests.support.processes import eventually

_LIVES = text("select exists (select from pg_stat_activity where pid = :pid)")


def _lives(services: Services, pid: int | None) -> bool:
    """Asked in a transaction of its own: within one, the server's statistics stand still."""
    with services.database.session() as session:
        return bool(session.scalar(_LIVES, {"pid": pid}))


def test_a_connection_that_the_server_closed_is_never_handed_out(services: Services) -> None:
    """No statement is lost to it, and none is spent on asking."""
    pool = connect(services.settings, name="tests, idle").database
    with pool.session() as session:
        before = session.scalar(select(func.pg_backend_pid()))
    with services.database.session() as other:
        other.execute(select(func.pg_terminate_backend(before)))
    assert eventually(lambda: not _lives(services, before))
    with pool.session() as session:
        after = session.scalar(select(func.pg_backend_pid()))
    pool.dispose()
    assert after != before


_PID = Fixed("select pg_backend_pid()")
_QUOTIENT = Fixed("select %(number)s / %(by)s::int")


def test_so_it_is_with_statements_of_their_own(services: Services) -> None:
    singles = connect(services.settings, name="tests, idle").database.singles
    [(before,)] = singles.rows(_PID, {})
    assert singles.rows(_PID, {}) == [(before,)], "one connection serves again and again"
    with services.database.session() as other:
        other.execute(select(func.pg_terminate_backend(before)))
    assert eventually(lambda: not _lives(services, before))
    assert singles.rows(_PID, {}) != [(before,)]
    singles.dispose()


def test_a_refused_statement_raises_what_sqlalchemy_would_and_harms_nothing(
    services: Services,
) -> None:
    singles = connect(services.settings, name="tests, refused").database.singles
    [(before,)] = singles.rows(_PID, {})
    with pytest.raises(DataError, match="division by zero") as refused:
        singles.rows(_QUOTIENT, {"number": 424242, "by": 0})
    assert "424242" not in str(refused.value), "values are people's"
    assert singles.rows(_QUOTIENT, {"number": -6, "by": 3}) == [(-2,)]
    with pytest.raises(OperationalError):
        singles.rows(Fixed("select pg_terminate_backend(pg_backend_pid())"), {})
    [(after,)] = singles.rows(_PID, {})
    assert after != before
    singles.dispose()


def test_a_connection_keeps_so_many_statements_prepared_and_no_more(services: Services) -> None:
    singles = connect(services.settings, name="tests, many").database.singles
    many = [Fixed(f"select {number}") for number in range(150)]
    for _ in range(2):
        assert [singles.rows(one, {})[0][0] for one in many] == list(range(150))
    [(prepared,)] = singles.rows(Fixed("select count(*) from pg_prepared_statements"), {})
    assert prepared <= 100
    singles.dispose()


def test_what_the_server_forgot_or_changed_is_prepared_anew(services: Services) -> None:
    """After any DROP psycopg forgets all that is prepared; a migration changes what comes."""
    owner = services.settings.database_url(DatabaseRole.MIGRATOR)
    database, all_of_it = Database(owner, name="tests, forgotten"), Fixed("select * from passing")
    with database.transaction() as session:
        session.execute(text("create table passing as select 1 as one"))
    for number in range(2):
        with database.transaction() as session:
            assert all_of_it.rows(session, {}) == [(1,) + (None,) * number]
        with database.transaction() as session:
            session.execute(text("drop table if exists nothing_there"))
            session.execute(text("select 1"))
        with database.transaction() as session:
            assert all_of_it.rows(session, {}) == [(1,) + (None,) * number]
        assert database.singles.rows(all_of_it, {}) == [(1,) + (None,) * number]
        with database.transaction() as session:
            session.execute(text("alter table passing add column if not exists other int"))
    with database.transaction() as session:
        session.execute(text("select 1"))
        session.execute(text("deallocate all"))
        with pytest.raises(ProgrammingError, match="does not exist"):
            all_of_it.rows(session, {})  # too late to begin anew: what was done before is undone
        session.rollback()
        assert all_of_it.rows(session, {}) == [(1, None)]
        session.rollback()
    with database.transaction() as session:
        session.execute(text("drop table passing"))
    database.dispose()


def test_what_is_prepared_outlives_a_transaction_that_is_undone(services: Services) -> None:
    """Also what psycopg prepares by itself, and statements of a savepoint."""
    database, again = connect(services.settings, name="tests, undone").database, Fixed("select 7")
    names = text("select name from pg_prepared_statements where name not like :own").bindparams(
        own="fixed%"
    )
    kept: list[set[str]] = []
    for _ in range(8):  # from the sixth time on psycopg prepares
        with database.session() as session:
            kept.append(set(session.scalars(names)))
            with session.begin_nested() as inner:
                assert again.rows(session, {}) == [(7,)]
                inner.rollback()
            assert again.rows(session, {}) == [(7,)]
    database.dispose()
    assert kept[-1]
    assert kept[-2] <= kept[-1]

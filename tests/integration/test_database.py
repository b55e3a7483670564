"""Connections that lie in the pool while their server goes away."""

from __future__ import annotations

from sqlalchemy import func, select, text

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

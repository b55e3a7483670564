"""Doors that are shut after others were let in: of that no running part may be ignorant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from app.application import build
from app.backup.restore_command import command
from app.chain.deploying.record import Deployment
from app.config import ConfigError, DatabaseRole, Settings
from app.doors import shut_doors
from app.services import Services, connect
from workers.context import Workshop
from workers.schedule import Entry, Rounds

OPENED = "update restoration set shut = false, opened_at = now(), report = '{}' where shut"


@contextmanager
def part(settings: Settings, role: DatabaseRole, name: str) -> Iterator[Services]:
    parts = connect(settings, role=role, name=name)
    yield parts
    parts.database.dispose()


@pytest.fixture
def web(settings: Settings) -> Iterator[Services]:
    """Let in, and connected; afterwards the doors are open again."""
    with part(settings, DatabaseRole.APP, "civis web") as parts:
        with parts.database.transaction() as session:
            session.execute(text(OPENED))
        yield parts
        parts.database.known_open = False
        with parts.database.transaction() as session:
            session.execute(text(OPENED))


def restored(parts: Services, settings: Settings) -> None:
    """Its connections end, and somebody else shuts the doors of what comes in its place."""
    parts.database.dispose()
    with (
        part(settings, DatabaseRole.APP, "other") as other,
        other.database.transaction() as session,
    ):
        shut_doors(session, "a backup", other.clock.now(session))


def shut(settings: Settings) -> Result:
    environ = {
        "CIVIS_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url(DatabaseRole.APP),
        "CHAIN_RPC_URLS": "http://127.0.0.1:1",
        "PUBLIC_URL": "https://civis.example",
    }
    return CliRunner().invoke(command, ["shut", "--source", "x"], env=environ)


def test_they_are_not_shut_while_anything_works(web: Services, settings: Settings) -> None:
    with web.database.session() as session, part(settings, DatabaseRole.SIGNER, "signer") as other:
        assert session.scalar(text("select count(*) from restoration")) == 0, "and it reads"
        with other.database.session() as its:
            assert its.scalar(text("select 1")) == 1
            refused = shut(settings)
    assert isinstance(refused.exception, ConfigError), refused.output
    assert "civis web (1 as civis_app), signer (1 as civis_signer)" in str(refused.exception)
    with web.database.session() as session:
        assert session.scalar(text("select count(*) from restoration where shut")) == 0
    web.database.dispose()
    done = shut(settings)
    assert (done.exit_code, done.output) == (0, "The doors are shut.\n"), done.exception


def test_the_web_that_was_let_in_before_lets_nobody_in(web: Services, settings: Settings) -> None:
    client = build(parts=web).test_client()
    assert client.get("/api/v1/programmes").status_code == 200
    restored(web, settings)
    web.database.singles.dispose()
    assert client.get("/figures").status_code == 503, "what asks by one statement alone too"
    web.database.known_open = True  # as before it asked
    for _ in range(2):  # on the first new connection, and then before any
        answer = client.get("/api/v1/programmes")
        assert (answer.status_code, answer.get_json()["code"]) == (503, "being-restored")
        assert answer.headers["X-Doors"] == "shut"


def test_workers_that_were_let_in_before_do_nothing(web: Services, settings: Settings) -> None:
    done = list[str]()

    def work(*_: object) -> int:
        done.append("x")
        return 1

    job = Entry("job", work, 1, 1)
    rounds = Rounds(Workshop(web, cast("Deployment", None), "a worker"))
    rounds.run(job)
    assert (done, rounds.failed.total()) == (["x"], 0)
    restored(web, settings)
    done.clear()
    for _ in range(2):
        rounds._held.clear()  # its lease is to be prolonged
        rounds.run(job)
    assert done == []
    with web.database.session() as session:
        assert not web.database.known_open
        assert session.scalar(text("select count(*) from restoration where shut")) == 1

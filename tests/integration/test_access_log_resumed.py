"""Seals that a restore has lost: nothing is sealed until an operator lets the signer go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text
from sqlmodel import col

from app.chain.deploying.record import Deployment
from app.config import ConfigError, DatabaseRole
from app.errors import Problem
from app.outbox.leases import Fence, acquire
from app.outbox.models import Incident
from app.privacy.models import AccessSeal
from app.reporting.access.command import command
from tests.support.access_log import Log, own_log
from tests.support.postgres import Cluster
from workers.context import Workshop
from workers.jobs import seal_access_log


@pytest.fixture
def log(postgres: Cluster, tmp_path: Path) -> Iterator[Log]:
    with own_log(postgres, tmp_path / "home") as found:
        yield found


@pytest.fixture
def job(log: Log) -> tuple[Workshop, Fence]:
    """What the worker's job is called with."""
    parts = replace(log.services, signer=log.sealer)  # type: ignore[arg-type]
    with parts.database.transaction() as session:
        fence = acquire(session, "access-log", "test", 60)
    assert fence is not None
    return Workshop(parts, cast("Deployment", None), "test"), fence


@pytest.fixture
def environment(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = log.services.settings
    monkeypatch.setenv("CIVIS_HOME", str(settings.home))
    monkeypatch.setenv("CHAIN_RPC_URLS", "http://127.0.0.1:9")
    monkeypatch.setenv("PUBLIC_URL", "https://civis.example")
    for role in (DatabaseRole.APP, DatabaseRole.LOG):
        monkeypatch.setenv(role.variable, settings.database_url(role))


def lose_the_newest_seal(log: Log) -> None:
    """As a backup does that is older than it."""
    subject = log.subject()
    for _ in range(2):
        log.read(subject)
        log.seal()
    with log.as_role(DatabaseRole.MIGRATOR) as owner:
        owner.execute(text("delete from access_seal where number = 2"))
        owner.execute(text("delete from access_record where written >= "
                           "(select written_before from access_seal)"))  # fmt: skip
        owner.commit()
    log.read(subject)


def open_incidents(log: Log) -> list[str]:
    with log.services.database.session() as session:
        unseen = col(Incident.acknowledged_at).is_(None)
        return list(session.scalars(select(col(Incident.code)).where(unseen)))


@pytest.mark.usefixtures("environment")
def test_nothing_is_sealed_until_an_operator_says_so(log: Log, job: tuple[Workshop, Fence]) -> None:
    lose_the_newest_seal(log)
    with pytest.raises(Problem, match="signer-seal-refused"):
        seal_access_log(*job)
    assert open_incidents(log) == ["log_not_sealed"]
    unsure = CliRunner().invoke(command, ["resume", "--json"])
    assert isinstance(unsure.exception, ConfigError), "it asks nobody"
    assert (unsure.output, "--yes" in str(unsure.exception)) == ("", True)
    done = CliRunner().invoke(command, ["resume", "--yes"])
    assert done.output == "The signer goes on after seal 1.\n", done.output
    assert seal_access_log(*job) == 1, "it reads where to go on each time: none is started anew"
    assert log.faults() == []
    assert open_incidents(log) == [], "it ends by itself"


@pytest.mark.usefixtures("environment")
def test_said_before_anything_was_sealed_there_is_no_incident(
    log: Log, job: tuple[Workshop, Fence]
) -> None:
    """While a restore's doors are shut no job works."""
    lose_the_newest_seal(log)
    told = CliRunner().invoke(command, ["resume", "--yes", "--json"])
    assert json.loads(told.output) == {"last_seal": 1}
    assert seal_access_log(*job) == 1
    with log.services.database.session() as session:
        assert list(session.scalars(select(col(AccessSeal.number)))) == [1, 2]
    assert (open_incidents(log), log.faults()) == ([], [])

"""What an operator's commands do while a restored database isn't brought up to the chain yet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text, update
from sqlmodel import col

from app.cli import civis
from app.config import DatabaseRole
from app.demo.seed import seed
from app.doors import DoorsShutError, shut_doors
from app.restoration_models import Restoration
from app.services import Services
from tests.support.commands import leaves

REASON = ("--reason", "x")
ROW = str(UUID(int=7))
OPENED = text("update restoration set shut = false, opened_at = now(), report = '{}' where shut")
REFUSED = {
    "appoint": ("--officer", "a@example.org", "--officer", "b@example.org"),
    "decide": ("FILE", "--key-file", "FILE"),
    "index prove": (),
    "index rebuild": REASON,
    "index tell": REASON,
    "keys fresh": (),
    "outbox acknowledge": (ROW, *REASON),
    "outbox cancel": (ROW, *REASON),
    "outbox fill": ("minter", *REASON),
    "outbox pause": ("minter", *REASON),
    "outbox quarantine": (ROW, "--account", "0x00", *REASON),
    "outbox rebroadcast": ("minter", *REASON),
    "outbox resume": ("minter", *REASON),
    "outbox retry": (ROW, *REASON),
    "pay-out partly": ("bakery", "season", *REASON),
    "programme outside put": (),
    "replace finish": ("0x00",),
    "replace prepare": ("PaymentDesk", "--to", "NEW"),
    "retention": ("--apply",),
    "retire": ("0x00", "--to", "NEW"),
}
# They read alone, belong to a restore, need no database, or ask the site, whose doors are shut.
GO_ON = {
    "access-log check", "access-log resume", "audit", "backup", "demo", "deploy", "doctor",
    "export all", "impact recompute", "import", "index check", "keys list", "keys move", "migrate",
    "network init", "network key", "network run", "network senders", "network token",
    "network token-key", "draft",
    "outbox explain", "outbox incidents", "outbox keys", "outbox list", "outbox nodes",
    "pay-out list",
    "privacy assessment", "privacy map", "privacy register", "programme check",
    "programme from-facts", "programme hash", "programme outside check", "programme outside list",
    "programme outside show", "programme replay", "programme simulate", "restore match",
    "restore open", "restore put-back", "restore shut", "restore status", "run", "verify",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _shut(services: Services) -> Iterator[None]:
    with services.database.transaction() as session:
        shut_doors(session, "a backup", services.clock.now(session))
    yield
    with services.database.transaction() as session:
        session.execute(OPENED)


def run(services: Services, *words: str) -> Result:
    settings = services.settings
    environ = {
        "CIVIS_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url(DatabaseRole.APP),
        "DATABASE_URL_MIGRATOR": settings.database_url(DatabaseRole.MIGRATOR),
        "CHAIN_RPC_URLS": "http://127.0.0.1:1",
        "PUBLIC_URL": "https://civis.example",
    }
    return CliRunner().invoke(civis, list(words), env=environ)


def test_of_every_command_it_is_said_whether_it_goes_on() -> None:
    assert {name for name, _ in leaves(civis)} == REFUSED.keys() | GO_ON | {"seed"}


@pytest.mark.parametrize("name", REFUSED)
def test_what_changes_something_is_refused(name: str, services: Services, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    places = {"FILE": str(tmp_path / "file"), "NEW": str(tmp_path / "new")}
    words = [places.get(word, word) for word in REFUSED[name]]
    refused = run(services, *name.split(), *words)
    assert isinstance(refused.exception, DoorsShutError), refused.exception or refused.output
    assert "civis restore open" in str(refused.exception)


def test_no_demo_city_is_made_either(services: Services) -> None:
    with pytest.raises(DoorsShutError):
        seed(services.settings, print)


def test_what_reads_alone_goes_on(services: Services) -> None:
    for words in (("outbox", "list"), ("retention",), ("restore", "status")):
        done = run(services, *words)
        assert done.exit_code == 0, done.exception
    checked = run(services, "index", "check")  # in tables of its own
    assert "can't be read again" in str(checked.exception), "there is no chain"


def test_whether_they_are_shut_is_said_for_programs(services: Services) -> None:
    assert json.loads(run(services, "restore", "status", "--json").output)["shut"] is True
    with services.database.transaction() as session:
        session.execute(OPENED)
    none = json.loads(run(services, "restore", "status", "--json").output)
    assert none == {"shut": False, "source": None, "report": None}


def test_what_a_matching_found_is_said_in_words(services: Services) -> None:
    report = {
        "batches_on_chain": 3,
        "batches_matched": 3,
        "nonces_taken": {"settler": 1, "minter": 2},
        "replayed": {"role_ended": 1},
        "unmatched": [],
        "lost": ["batch 0x12: 2 of 3 deeds are lost"],
        "matched": True,
    }
    with services.database.transaction() as session:
        session.execute(update(Restoration).where(col(Restoration.shut)).values(report=report))
    first, nonces, ends, lost, where = run(services, "restore", "status").output.splitlines()
    assert first == "Batches matched: 3 of 3"
    assert nonces == "Nonces taken over: minter 2, settler 1"
    assert ends == "Done again by the journal: role ended 1"
    assert lost == "  lost: batch 0x12: 2 of 3 deeds are lost"
    assert "civis outbox incidents" in where


def test_a_member_without_a_database_is_not_asked_for_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    environ = {"CIVIS_HOME": str(tmp_path / "home")}
    words = ["decide", str(tmp_path / "file"), "--key-file", str(tmp_path / "file")]
    refused = CliRunner().invoke(civis, words, env=environ)
    assert "is no decision" in str(refused.exception)

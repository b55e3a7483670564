"""`civis outbox`: an operator sees what stands still, and each decision stays on record."""

from __future__ import annotations

import json
import subprocess
from typing import Any
from uuid import uuid4

from click.testing import CliRunner

from app.cli import EXPECTED
from app.config import DatabaseRole
from app.outbox.command import command
from app.outbox.models import OutboxItem, OutboxState
from app.outbox.service import enqueue, report_incident
from app.services import Services


def run(services: Services, *words: str) -> subprocess.CompletedProcess[str]:
    """Without a chain that could be asked."""
    return run_with(services, {}, *words)


def run_with(
    services: Services, chain: dict[str, str], *words: str
) -> subprocess.CompletedProcess[str]:
    """As the program would end, without the price of a process; `chain`: settings about it."""
    settings = services.settings
    environ = {
        "CIVIS_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url(DatabaseRole.APP).replace("+psycopg", ""),
        "CHAIN_RPC_URLS": "http://127.0.0.1:1",
        "PUBLIC_URL": "https://civis.example",
        **chain,
    }
    done = CliRunner(env=environ).invoke(command, list(words))
    if done.exception is None or isinstance(done.exception, SystemExit):
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)
    if not isinstance(done.exception, EXPECTED):
        raise done.exception
    return subprocess.CompletedProcess(words, 1, done.stdout, str(done.exception))


def held(services: Services, kind: str, payload: dict[str, Any]) -> str:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        item = enqueue(session, kind=kind, key=uuid4().hex, payload=payload, now=now)
        item.state, item.last_error = OutboxState.HELD, "DayCommitted"
        item.attempts = 1
        report_incident(session, code="outbox_held", detail="x", now=now, reference=str(item.id))
        return str(item.id)


def anchor(services: Services) -> str:
    return held(services, "anchor", {"kind": bytes(32), "day": 1, "root": bytes(32)})


def state(services: Services, item_id: str) -> OutboxState:
    with services.database.session() as session:
        return session.get_one(OutboxItem, item_id).state


def test_what_stands_is_listed_explained_and_tried_again(services: Services) -> None:
    item_id = anchor(services)
    [listed] = json.loads(run(services, "list", "--json").stdout)
    assert (listed["id"], listed["state"]) == (item_id, "held")
    assert run(services, "list").stdout == f"{item_id} held anchor, 1 try: DayCommitted\n"
    assert run(services, "retry", item_id).returncode == 2, "a reason is needed"
    assert run(services, "retry", item_id, "--reason", " ").returncode == 1
    assert state(services, item_id) is OutboxState.HELD
    done = run(services, "retry", item_id, "--reason", "the day was free again")
    assert done.returncode == 0, done.stderr
    assert state(services, item_id) is OutboxState.WAITING
    told = json.loads(run(services, "explain", item_id, "--json").stdout)
    assert [one["code"] for one in told["noted"]] == ["outbox_held", "outbox_retried"]
    assert told["noted"][1]["detail"].endswith(": the day was free again")
    assert told["last_error"] == "DayCommitted"


def test_what_waits_for_a_paused_key_says_so(services: Services) -> None:
    """Nothing was tried, so no error says why it stands."""
    item_id = anchor(services)
    assert run(services, "retry", item_id, "--reason", "free again").returncode == 0
    plain = f"{item_id} waiting anchor, 0 tries: DayCommitted"
    assert plain in run(services, "list").stdout.splitlines()
    told = json.loads(run(services, "explain", item_id, "--json").stdout)
    assert told["key_paused"] is None
    assert run(services, "pause", told["signer"], "--reason", "a new key").returncode == 0
    told = json.loads(run(services, "explain", item_id, "--json").stdout)
    assert told["key_paused"].endswith(": a new key")
    line = f"{plain}; its key {told['signer']} is paused, {told['key_paused']}"
    for word in (("list",), ("explain", item_id)):
        assert line in run(services, *word).stdout.splitlines()
    assert run(services, "resume", told["signer"], "--reason", "done").returncode == 0
    assert plain in run(services, "list").stdout.splitlines()


def test_a_day_s_root_is_let_go(services: Services) -> None:
    item_id = anchor(services)
    done = run(services, "cancel", item_id, "--reason", "the day has its root")
    assert (done.returncode, done.stdout.endswith("It goes out no more.\n")) == (0, True)
    assert state(services, item_id) is OutboxState.FAILED


def test_what_somebody_was_promised_is_not_dropped(services: Services) -> None:
    rules = {"programme_id": bytes(32), "version": 2, "rule_set_hash": bytes(32), "valid_from": 1}
    item_id = held(services, "set_rule_set", rules)
    done = run(services, "cancel", item_id, "--reason", "no")
    assert done.returncode == 1
    assert "can't be cancelled" in done.stderr
    assert state(services, item_id) is OutboxState.HELD
    unknown = run(services, "explain", str(uuid4()))
    assert (unknown.returncode, "civis outbox list" in unknown.stderr) == (1, True)


def test_a_batch_is_not_cancelled_before_the_chain_was_asked(services: Services) -> None:
    payload = {"batch_id": bytes(32), "expected_count": 0, "programme_id": bytes(32)}
    payload |= {"root": bytes(32), "action_count": 1, "credits": []}
    item_id = held(services, "commit_batch", payload)
    done = run(services, "cancel", item_id, "--reason", "no")
    assert done.returncode == 1
    assert "The chain must be asked first" in done.stderr
    assert state(services, item_id) is OutboxState.HELD

"""`civis outbox`: what stands still on its way to the chain, why, and letting it go on."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import click
from sqlalchemy.orm import Session

from app.chain.client import ChainClient
from app.chain.codec import decode_answer, encode_call
from app.chain.errors import ChainError
from app.config import ConfigError, Settings
from app.outbox import operator
from app.outbox.models import OutboxItem
from app.outbox.operator import By, NotPossibleError
from app.recovery.moves import ON_FAILURE
from app.services import Services, connect

_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")
_REASON = click.option("--reason", required=True, help="Why; it stays on record with your name.")
_ID = click.argument("item_id", type=click.UUID, metavar="ID")


@click.group()
def command() -> None:
    """Look at what must reach the chain, and let a row that stands still go on."""


@command.command("list")
@_JSON
def list_rows(*, as_json: bool) -> None:
    """What hasn't reached the chain for good, rows that wait for an operator first."""
    with _work() as (_parts, session, _now):
        rows = [_shown(item) for item in operator.unsettled(session)]
    lines = [_line(row) for row in rows] or ["Nothing is on its way to the chain."]
    click.echo(json.dumps(rows) if as_json else "\n".join(lines))


@command.command()
@_ID
@_JSON
def explain(*, item_id: UUID, as_json: bool) -> None:
    """One row: what it says, why it stands, and what was noted and decided about it."""
    with _work() as (_parts, session, _now):
        item = operator.find(session, item_id)
        row = _shown(item) | {"payload": item.payload, "may_cancel": item.kind in ON_FAILURE}
        row["noted"] = [
            {"at": one.at.isoformat(), "code": one.code, "detail": one.detail}
            for one in operator.history(session, item_id)
        ]
    if as_json:
        click.echo(json.dumps(row))
        return
    click.echo(_line(row))
    for one in row["noted"]:
        click.echo(f"  {one['at']} {one['code']}: {one['detail']}")
    click.echo(json.dumps(row["payload"], indent=2)[:4000])


@command.command()
@_ID
@_REASON
@_JSON
def retry(*, item_id: UUID, reason: str, as_json: bool) -> None:
    """Let a row go out again at the next round."""
    with _work() as (_parts, session, now):
        row = _shown(operator.retry(session, item_id, _by(reason), now))
    click.echo(json.dumps(row) if as_json else "It goes out at the next round.")


@command.command()
@_ID
@_REASON
@_JSON
def cancel(*, item_id: UUID, reason: str, as_json: bool) -> None:
    """Take a batch or a publication apart: its deeds go into a later one. A batch is barred on
    the chain as well."""
    with _work() as (parts, session, now):
        item = operator.find(session, item_id)
        if item.kind == "commit_batch":
            _refuse_if_executed(parts.settings, item)
        row = _shown(operator.cancel(session, item_id, _by(reason), now, ON_FAILURE))
    click.echo(json.dumps(row) if as_json else "Taken apart; its deeds go into a later one.")


@contextmanager
def _work() -> Iterator[tuple[Services, Session, datetime]]:
    """One transaction; a refusal is a sentence."""
    parts = connect(Settings.from_env(os.environ), name="civis outbox")
    try:
        with parts.database.transaction() as session:
            yield parts, session, parts.clock.now(session)
    except NotPossibleError as error:
        raise ConfigError(str(error)) from error
    finally:
        parts.database.dispose()


def _refuse_if_executed(settings: Settings, item: OutboxItem) -> None:
    """A batch that the chain holds was minted: cutting its deeds again would mint them twice."""
    try:
        stored = json.loads(settings.deployment_file.read_text(encoding="utf-8"))
        genesis = bytes.fromhex(stored["genesis_hash"].removeprefix("0x"))
        client = ChainClient(
            settings.chain_rpc_urls, chain_id=stored["chain_id"], genesis_hash=genesis
        )
        asked = encode_call("ActionRegistry", "batchRoot", [bytes.fromhex(item.key)])
        answer = client.read(stored["action_registry"], asked)
    except (OSError, ChainError) as error:
        raise NotPossibleError(f"The chain must be asked first, and can't be: {error}") from error
    root = decode_answer("ActionRegistry", "batchRoot", answer)
    if int(str(root), 16):
        raise NotPossibleError(
            "The chain holds this batch already: its tokens are minted. The database is older "
            "than the chain; restore a newer backup."
        )


def _by(reason: str) -> By:
    if not reason.strip():
        raise ConfigError("Give a reason: it stays on record.")
    return By(os.environ.get("SUDO_USER") or getpass.getuser(), reason.strip()[:500])


def _shown(item: OutboxItem) -> dict[str, Any]:
    return {
        "id": str(item.id),
        "kind": item.kind,
        "key": item.key,
        "signer": item.signer,
        "state": item.state.value,
        "created_at": item.created_at.isoformat(),
        "not_before": item.not_before.isoformat() if item.not_before else None,
        "attempts": item.attempts,
        "last_error": item.last_error,
    }


def _line(row: dict[str, Any]) -> str:
    when = f", not before {row['not_before']}" if row["not_before"] else ""
    why = f": {row['last_error']}" if row["last_error"] else ""
    return f"{row['id']} {row['state']} {row['kind']}, {row['attempts']} tries{when}{why}"

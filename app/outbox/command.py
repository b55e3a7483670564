"""`civis outbox`: what stands still on its way to the chain, why, and letting it go on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import click
from sqlalchemy.orm import Session

from app.as_json import AS_JSON, answer
from app.chain.contracts.codec import decode_answer, encode_call
from app.chain.edge import Edge
from app.chain.errors import ChainError
from app.chain.signatures import checksum
from app.config import ConfigError
from app.outbox import operator
from app.outbox.carrying import carrier, carrier_line
from app.outbox.command_parts import REASON, by_whom, deed, edge_of, work
from app.outbox.key_commands import (
    acknowledge,
    fill,
    incidents,
    keys,
    nodes,
    pause,
    rebroadcast,
    resume,
)
from app.outbox.models import (
    ChainTransaction,
    KeyPause,
    OutboxItem,
    OutboxState,
    TransactionState,
)
from app.outbox.operator import NotPossibleError
from app.outbox.pauses import paused
from app.recovery.moves import ON_FAILURE

COMMIT = "commit_batch"
_MINTED = (
    "The chain holds this batch already: its tokens are minted, and there is nothing to take apart."
)
_OLDER = "These books never sent it: they are older than the chain. Restore a newer backup."
_ID = click.argument("item_id", type=click.UUID, metavar="ID")


@click.group()
def command() -> None:
    """Look at what must reach the chain, and let a row that stands still go on."""


@command.command("list")
@AS_JSON
def list_rows(*, as_json: bool) -> None:
    """What hasn't reached the chain for good, rows that wait for an operator first."""
    with work() as (_parts, session, _now):
        pauses = paused(session)
        rows = [_shown(item) | _pause(item, pauses) for item in operator.unsettled(session)]
    lines = [_line(row) for row in rows] or ["Nothing is on its way to the chain."]
    answer(rows, *lines, as_json=as_json)


@command.command()
@_ID
@AS_JSON
def explain(*, item_id: UUID, as_json: bool) -> None:
    """One row: what it says, why it stands, and what was noted and decided about it."""
    with work() as (parts, session, _now):
        item = operator.find(session, item_id)
        row = _shown(item) | _pause(item, paused(session))
        row |= {"carried_by": (carried := carrier(parts, session, item))}
        row |= {"payload": item.payload, "may_cancel": item.kind in ON_FAILURE}
        row["noted"] = [
            {"at": one.at.isoformat(), "code": one.code, "detail": one.detail}
            for one in operator.history(session, item_id)
        ]
    noted = (f"  {one['at']} {one['code']}: {one['detail']}" for one in row["noted"])
    payload = json.dumps(row["payload"], indent=2)[:4000]
    answer(row, _line(row), carrier_line(carried), *noted, payload, as_json=as_json)


@command.command()
@_ID
@REASON
@AS_JSON
def retry(*, item_id: UUID, reason: str, as_json: bool) -> None:
    """Let a row go out again at the next round."""
    with deed() as (_parts, session, now):
        row = _shown(operator.retry(session, item_id, by_whom(reason), now))
    answer(row, "It goes out at the next round.", as_json=as_json)


@command.command()
@_ID
@REASON
@AS_JSON
def cancel(*, item_id: UUID, reason: str, as_json: bool) -> None:
    """Take a batch or a publication apart: its deeds go into a later one. A batch is barred on
    the chain as well. A step of a recovery, a move or a day's root is let go."""
    with deed() as (parts, session, now):
        item = operator.standing(session, item_id)
        if item.kind == COMMIT:
            _refuse_if_executed(session, edge_of(parts), item)
        row = _shown(operator.cancel(session, item_id, by_whom(reason), now, ON_FAILURE))
    apart = item.kind in (COMMIT, "publish_cells")
    said = "Taken apart; its deeds go into a later one." if apart else "It goes out no more."
    answer(row, said, as_json=as_json)


@command.command()
@_ID
@click.option("--account", required=True, help="Whose deeds stay behind: an address, 0x…")
@REASON
@AS_JSON
def quarantine(*, item_id: UUID, account: str, reason: str, as_json: bool) -> None:
    """Let a batch go out without the deeds of one account, which are then looked into."""
    with deed() as (parts, session, now):
        address = _address(account)
        item = operator.standing(session, item_id)
        if item.kind == COMMIT:
            _refuse_if_executed(session, edge_of(parts), item)
        by = by_whom(reason)
        done = operator.quarantine(
            session, item_id, by, now, account=address, on_failure=ON_FAILURE
        )
        row = _shown(done)
    answer(row, f"Taken apart; the deeds of {address} stay behind.", as_json=as_json)


for _more in (keys, pause, resume, fill, rebroadcast, nodes, incidents, acknowledge):
    command.add_command(_more)


def _address(said: str) -> str:
    try:
        return checksum(said)
    except ValueError as error:
        raise ConfigError(f"{said} is no address: 0x and 40 hexadecimal digits.") from error


def _refuse_if_executed(session: Session, edge: Edge, item: OutboxItem) -> None:
    """A batch that the chain holds was minted: cutting its deeds again would mint them twice."""
    try:
        asked = encode_call("ActionRegistry", "batchRoot", [bytes.fromhex(item.key)])
        held = edge.client.read(edge.addresses["ActionRegistry"], asked)
    except ChainError as error:
        raise NotPossibleError(f"The chain must be asked first, and can't be: {error}") from error
    root = decode_answer("ActionRegistry", "batchRoot", held)
    if int(str(root), 16):
        raise NotPossibleError(_MINTED if _is_ours(session, item) else f"{_MINTED} {_OLDER}")


def _is_ours(session: Session, item: OutboxItem) -> bool:
    """Whether these books know of a transaction that may have brought it there."""
    sent = session.get(ChainTransaction, item.transaction_id) if item.transaction_id else None
    return sent is not None and sent.state not in (
        TransactionState.FAILED,
        TransactionState.REPLACED,
    )


def _shown(item: OutboxItem) -> dict[str, Any]:
    return {
        "id": str(item.id),
        "kind": item.kind,
        "key": item.key,
        "signer": item.signer,
        "state": item.state.value,
        "created_at": item.created_at.isoformat(),
        "not_before": item.not_before.isoformat() if item.not_before else None,
        "waits_until": item.waits_until.isoformat() if item.waits_until else None,
        "attempts": item.attempts,
        "last_error": item.last_error,
    }


def _pause(item: OutboxItem, pauses: Mapping[str, KeyPause]) -> dict[str, str | None]:
    """Why its key sends nothing, if it is paused: nothing was tried, so no error says so."""
    pause = pauses.get(item.signer) if item.state is OutboxState.WAITING else None
    return {"key_paused": pause.reason if pause else None}


def _line(row: dict[str, Any]) -> str:
    when = f", not before {row['not_before']}" if row["not_before"] else ""
    when += f", the chain refuses until {row['waits_until']}" if row["waits_until"] else ""
    why = f": {row['last_error']}" if row["last_error"] else ""
    if row["key_paused"]:
        why += f"; its key {row['signer']} is paused, {row['key_paused']}"
    tries = "1 try" if row["attempts"] == 1 else f"{row['attempts']} tries"
    return f"{row['id']} {row['state']} {row['kind']}, {tries}{when}{why}"

"""The registry's running hash, and its count of batches, from the logs that the indexer keeps.

One call at a block tells the contract's own: equal, and no batch, cancellation or publication was
missed, invented or put in another order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_abi.abi import encode
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.models import ChainLog
from app.chain.typed import keccak

BATCH, CANCELLATION, CELLS = 1, 2, 3  # as in ActionRegistry
_EVENTS = ("BatchCommitted", "BatchCancelled", "CellPublished", "CellsPublished")
_BATCH = {
    "batchId": "bytes32", "programmeId": "bytes32", "sequence": "uint256", "root": "bytes32",
    "actionCount": "uint32", "reward": "uint256", "accounts": "uint256",
}  # fmt: skip
_CELL = {
    "actionTypeId": "uint32", "actionTypeVersion": "uint16", "proofLevel": "uint8",
    "month": "uint32", "correction": "bool", "actions": "uint64", "reward": "uint128",
    "metrics": "uint128[6]", "root": "bytes32",
}  # fmt: skip
_CELLS = f"({','.join(_CELL.values())})[]"


def running_hash(session: Session, final: int) -> tuple[bytes, int]:
    """And the number of batches, over blocks up to `final`."""
    query = (
        select(col(ChainLog.event), col(ChainLog.arguments))
        .where(col(ChainLog.block_number) <= final, col(ChainLog.event).in_(_EVENTS))
        .order_by(col(ChainLog.block_number), col(ChainLog.log_index))
        .execution_options(yield_per=1000)
    )
    running, batches = bytes(32), 0
    cells: list[tuple[Any, ...]] = []
    for event, arguments in session.execute(query):
        if event == "CellPublished":
            cells.append(_values(_CELL, arguments["cell"]))
            continue
        kind, payload = _link(event, arguments, cells)
        linked = encode(["bytes32", "uint8", "bytes32"], [running, kind, keccak(payload)])
        running = keccak(linked)
        batches += event == "BatchCommitted"
        cells = [] if event == "CellsPublished" else cells
    return running, batches


def _link(
    event: str, found: Mapping[str, Any], cells: Sequence[tuple[Any, ...]]
) -> tuple[int, bytes]:
    """Its kind, and what the contract hashes of it."""
    if event == "BatchCommitted":
        return BATCH, encode(list(_BATCH.values()), _values(_BATCH, found))
    if event == "BatchCancelled":
        return CANCELLATION, encode(["bytes32"], [_value("bytes32", found["batchId"])])
    content = keccak(encode([_CELLS], [cells]))
    kept = [found["keptBackActions"], found["keptBackReward"]]
    types = ["bytes32", "uint32", "bytes32", "bytes32", "uint64", "uint128"]
    names = [_value("bytes32", found[name]) for name in ("programmeId", "sumRoot")]
    return CELLS, encode(types, [names[0], found["period"], names[1], content, *kept])


def _values(types: Mapping[str, str], found: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(_value(kind, found[name]) for name, kind in types.items())


def _value(kind: str, value: Any) -> Any:
    return bytes.fromhex(value[2:]) if kind == "bytes32" else value

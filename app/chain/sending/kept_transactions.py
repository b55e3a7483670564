"""Whatever is signed lies outside the database before a node gets it: bytes, nonce, what for.

A database that was restored from a backup then finds what it sent since: a nonce is taken over only
for a hash that lies here, and the rows that it carried are written again. A file holds what the
chain gets to see, and by `about` the ids that the owner of a kind needs to write its own rows
again; nothing that names a person.

    FOLDER/transactions/ADDRESS/NONCE-HASH.json
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.edge import Edge
from app.keyfiles import write_private
from app.outbox.models import ChainTransaction, OutboxItem


@dataclass(frozen=True)
class Kept:
    """A file's content. `fills`: the hash of the bytes in whose place these go, if they do."""

    hash: bytes
    raw: bytes
    signer: str
    address: str
    chain_id: int
    nonce: int
    kind: str
    signed_at: str
    fills: bytes | None
    reason: str | None
    items: list[dict[str, Any]]


def keep(edge: Edge, row: ChainTransaction) -> None:
    """Before it is sent; once it is there, nothing is done."""
    sent = row.filler_hash or row.hash
    path = _path(edge.artefacts, row.signer_address, row.nonce, sent)
    if path.exists():
        return
    with edge.database.session() as session:
        carried = select(OutboxItem).where(col(OutboxItem.transaction_id) == row.id)
        items = session.scalars(carried.order_by(col(OutboxItem.id))).all()
        content = _content(row, sent, [_item(edge, session, item) for item in items])
    write_private(path, json.dumps(content))


def kept_of(folder: Path, address: str, nonce: int) -> list[Kept]:
    """All that was signed with this nonce."""
    found = sorted((folder / "transactions" / address).glob(f"{nonce:012d}-*.json"))
    return [_read(path) for path in found]


def last_kept(folder: Path, address: str, chain_id: int) -> int | None:
    """The highest nonce that anything was signed with for this chain."""
    for path in sorted((folder / "transactions" / address).glob("*-*.json"), reverse=True):
        if (one := _read(path)).chain_id == chain_id:
            return one.nonce
    return None


def keys_kept(folder: Path) -> dict[str, str]:
    """The role of each address that anything was signed with, by address."""
    found = {path.parent.name: path for path in (folder / "transactions").glob("*/*-*.json")}
    return {address: _read(path).signer for address, path in found.items()}


def _path(folder: Path, address: str, nonce: int, sent: bytes) -> Path:
    return folder / "transactions" / address / f"{nonce:012d}-{sent.hex()[:16]}.json"


def _content(row: ChainTransaction, sent: bytes, items: list[dict[str, Any]]) -> dict[str, Any]:
    fills = row.hash if row.filler_hash else None
    return {
        "hash": sent.hex(),
        "raw": (row.filler_raw or row.raw).hex(),
        "signer": row.signer,
        "address": row.signer_address,
        "chain_id": row.chain_id,
        "nonce": row.nonce,
        "kind": row.kind,
        "signed_at": row.signed_at.isoformat(),
        "fills": fills.hex() if fills else None,
        "reason": row.abandoned,
        "items": items,
    }


def _item(edge: Edge, session: Session, item: OutboxItem) -> dict[str, Any]:
    about = edge.about.get(item.kind)
    return {
        "id": str(item.id),
        "kind": item.kind,
        "key": item.key,
        "signer": item.signer,
        "payload": item.payload,
        "created_at": item.created_at.isoformat(),
        "about": about(session, item) if about else {},
    }


def _read(path: Path) -> Kept:
    said = json.loads(path.read_text(encoding="utf-8"))
    fills = bytes.fromhex(said["fills"]) if said["fills"] else None
    sent, raw = bytes.fromhex(said["hash"]), bytes.fromhex(said["raw"])
    return Kept(**{**said, "hash": sent, "raw": raw, "fills": fills})

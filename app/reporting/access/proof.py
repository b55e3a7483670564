"""A slice of the access log, checked by whoever holds it, offline or against a node.

It shows that these entries stood in the log when it was sealed, and what they say. That none of the
person's is left out is checked by an auditor under mandate, who counts every entry.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from app.chain.log_seals import LogSeal, day_leaf, entry_hash
from app.chain.signatures import recover
from app.impact.leaf import (
    PathRefusedError,
    bytes_in,
    hex_bytes,
    members_in,
    number_in,
    object_in,
    text_in,
)
from app.impact.trees import verify_batch_path
from app.privacy.access_log import SealBroken, open_shown

FORMAT = "civis-access-log/1"
Json = Mapping[str, Any]


@dataclass
class Checked:
    """What the entries say, who signed, the roots by day, how many have no seal or root yet."""

    read: list[str] = field(default_factory=list)
    sealers: set[str] = field(default_factory=set)
    roots: dict[int, bytes] = field(default_factory=dict)
    unsealed: int = 0
    unrooted: int = 0
    faults: list[str] = field(default_factory=list)


def check_slice(data: Json) -> Checked:
    """Each entry and seal by itself. Raises PathRefusedError for what is no slice."""
    found, seals = Checked(), dict[int, LogSeal]()

    def seal(stated: Json) -> None:
        held = LogSeal.from_json({one.name: stated[one.name] for one in fields(LogSeal)})
        seals[held.number] = held
        _check_seal(found, held, stated)

    def entry(stated: Json) -> None:
        _check_entry(found, stated, UUID(text_in(data, "subject")), seals)

    _each(found, members_in(data, "seals"), seal, "number")
    _each(found, members_in(data, "entries"), entry, "id")
    return found


def _each(found: Checked, all_of: list[Json], check: Callable[[Json], None], name: str) -> None:
    """Whatever is wrong with one is a fault of this one."""
    for one in all_of:
        try:
            check(one)
        except (PathRefusedError, SealBroken, ValueError, TypeError, KeyError) as error:
            found.faults.append(f"{name} {one.get(name)}: {error or 'malformed'}")


def _check_seal(found: Checked, seal: LogSeal, stated: Json) -> None:
    signature = hex_bytes(text_in(stated, "signature"))
    found.sealers.add(recover(seal.digest(), signature))
    if stated.get("in_day") is None:
        found.unrooted += 1
        return
    way = object_in(stated, "in_day")
    root = bytes_in(way, "root")
    _climb(day_leaf(seal.digest(), signature), way, number_in(way, "count"), root)
    if found.roots.setdefault(seal.day, root) != root:
        raise PathRefusedError("wrong_root", "another seal of this day names another root")


def _check_entry(found: Checked, stated: Json, subject: UUID, seals: Mapping[int, LogSeal]) -> None:
    row_id, at = UUID(text_in(stated, "id")), datetime.fromisoformat(text_in(stated, "at"))
    sealed, written = hex_bytes(text_in(stated, "sealed")), number_in(stated, "written")
    said = json.loads(open_shown(bytes_in(stated, "key"), sealed, row_id, subject))
    columns = ", ".join(said["fields"])
    found.read.append(
        f"{at:%Y-%m-%d %H:%M:%S} {said['actor_role']} read {said['resource']}: {columns},"
        f" for {said['purpose']}"
    )
    if "seal" not in stated:
        found.unsealed += 1
        return
    seal = seals[number_in(stated, "seal")]
    leaf = entry_hash(row_id, at, subject, sealed, written)
    _climb(leaf, stated, seal.entries, seal.root)


def _climb(leaf: bytes, way: Json, count: int, root: bytes) -> None:
    path = way.get("path")
    if not isinstance(path, list) or not all(isinstance(one, str) for one in path):
        raise PathRefusedError("malformed", "path is no list of hashes")
    siblings = [hex_bytes(one) for one in path]
    verify_batch_path(leaf, index=number_in(way, "index"), count=count, path=siblings, root=root)

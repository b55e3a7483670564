"""Every field that our contracts put on a chain: of events, and of calls that change something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.chain.contracts.artifacts import PLACES, load_artifact

READING = {"view", "pure"}
_KINDS = {"event": "event", "function": "call"}


def fields_on_chain() -> list[tuple[str, str]]:
    """("contract kind entry.member", ABI type) of each, structs member by member."""
    found = []
    for contract in (*PLACES, "ImpactToken"):
        for entry in load_artifact(contract).abi:
            if entry["type"] in _KINDS and entry.get("stateMutability") not in READING:
                head = f"{contract} {_KINDS[entry['type']]} {entry['name']}"
                found += [(f"{head}.{name}", kind) for name, kind in _members(entry["inputs"])]
    return sorted(set(found))


def _members(inputs: Sequence[Mapping[str, Any]], before: str = "") -> Iterator[tuple[str, str]]:
    for number, part in enumerate(inputs):
        name = before + (part["name"] or f"#{number}")
        if part["type"].startswith("tuple"):
            yield from _members(part["components"], f"{name}.")
        else:
            yield name, part["type"]

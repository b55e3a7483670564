"""Calls, events and errors of our contracts, by name, for the jobs at the chain's edge.

Decoded values are JSON-safe: integers, booleans, text; bytes as 0x hex; addresses checksummed;
structs as dicts by member name. So a decoded event is stored as it is. The audit deliberately
reads the chain with code of its own (`abi.py`), so that no mistake here can hide itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError

from app.chain.contracts import words
from app.chain.contracts.artifacts import SINGLE, load_artifact, load_errors
from app.chain.errors import Reverted
from app.chain.signatures import checksum, keccak

Abi = Mapping[str, Any]
_BUILT_IN: tuple[Abi, ...] = (
    {"type": "error", "name": "Error", "inputs": [{"name": "reason", "type": "string"}]},
    {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
)


@dataclass(frozen=True)
class EventLog:
    """An event's name and its arguments by name, as the contract declared them."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class _Declared:
    """How an event's indexed arguments are read from its topics, the others from its data."""

    name: str
    indexed: Callable[[bytes], dict[str, Any]]
    plain: Callable[[bytes], dict[str, Any]]


def encode_call(contract: str, function: str, arguments: Sequence[Any]) -> bytes:
    """Call data. Raises eth_abi's EncodingError where a value does not fit."""
    entry = _function(contract, function)
    return _hash(entry)[:4] + encode(_types(entry["inputs"]), list(arguments))


def decode_answer(contract: str, function: str, data: str) -> Any:
    """The value of a view with one result, or the dict of several."""
    outputs = _function(contract, function)["outputs"]
    values = decode(_types(outputs), bytes.fromhex(data[2:]))
    return _safe(outputs[0], values[0]) if len(outputs) == 1 else _named(outputs, values)


def decode_event(topics: Sequence[str], data: bytes) -> EventLog | None:
    """The event of a log, None when it is none of ours or not what its contract declares."""
    declared = _events().get((topics[0], len(topics))) if topics else None
    if declared is None:
        return None
    try:
        indexed = bytes.fromhex("".join(topic[2:] for topic in topics[1:]))
        found = declared.indexed(indexed) | declared.plain(data)
    except (DecodingError, ValueError, OverflowError):
        return None
    return EventLog(declared.name, found)


@cache
def event_topic(contract: str, event: str) -> str:
    """The first topic of an event."""
    entries = load_artifact(contract).abi
    entry = next(e for e in entries if e["type"] == "event" and e["name"] == event)
    return "0x" + _hash(entry).hex()


def decode_revert(data: str) -> Reverted:
    """The custom error in a revert's data; without data "Empty", undeclared or wrong "Unknown"."""
    entry = _errors().get(data[:10])
    if entry is None:
        return Reverted("Unknown" if len(data) > 2 else "Empty", {}, data)
    try:
        values = decode(_types(entry["inputs"]), bytes.fromhex(data[10:]))
        return Reverted(entry["name"], _named(entry["inputs"], values), data)
    except (DecodingError, ValueError, OverflowError):
        return Reverted("Unknown", {}, data)


@cache
def _function(contract: str, name: str) -> Abi:
    entries = load_artifact(contract).abi
    return next(e for e in entries if e["type"] == "function" and e["name"] == name)


@cache
def _events() -> dict[tuple[str, int], _Declared]:
    """By first topic and number of topics."""
    found: dict[tuple[str, int], _Declared] = {}
    for contract in (*SINGLE, "ImpactToken"):
        for entry in load_artifact(contract).abi:
            if entry["type"] == "event":
                parts: tuple[list[Abi], list[Abi]] = ([], [])
                for argument in entry["inputs"]:
                    parts[argument["indexed"]].append(argument)
                plain, indexed = parts
                declared = _Declared(entry["name"], _reading(indexed), _reading(plain))
                found["0x" + _hash(entry).hex(), len(indexed) + 1] = declared
    return found


def _reading(arguments: Sequence[Abi]) -> Callable[[bytes], dict[str, Any]]:
    names = words.readers(arguments)
    if names is not None:
        return partial(words.read, names)
    types = _types(arguments)
    return lambda data: _named(arguments, decode(types, data))


@cache
def _errors() -> dict[str, Abi]:
    return {"0x" + _hash(entry)[:4].hex(): entry for entry in (*_BUILT_IN, *load_errors())}


def _hash(entry: Abi) -> bytes:
    return keccak(f"{entry['name']}({','.join(_types(entry['inputs']))})".encode())


def _types(arguments: Sequence[Abi]) -> list[str]:
    return [_type(argument) for argument in arguments]


def _type(argument: Abi) -> str:
    kind = str(argument["type"])
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(_types(argument['components']))}){kind.removeprefix('tuple')}"


def _named(arguments: Sequence[Abi], values: Sequence[Any]) -> dict[str, Any]:
    return {a["name"]: _safe(a, value) for a, value in zip(arguments, values, strict=True)}


def _safe(argument: Abi, value: Any) -> Any:
    kind = argument["type"]
    if kind.endswith("]"):
        inner = {**argument, "type": kind.rpartition("[")[0]}
        return [_safe(inner, item) for item in value]
    if kind == "tuple":
        return _named(argument["components"], value)
    if kind == "address":
        return checksum(value)
    if kind == "string" and "\0" in value:
        raise ValueError("the database holds no text with a NUL")
    return "0x" + value.hex() if kind.startswith("bytes") else value

"""Reading ABI entries without web3: selectors, topics, calls and logs.

The public gateway and the audit use this, so that a stranger's check shares no code with the
indexer whose work it checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

Entry = Mapping[str, Any]


def entry_of(abi: Sequence[Entry], kind: str, name: str) -> Entry:
    """The one entry of a kind (function, event) and name. Raises KeyError."""
    for entry in abi:
        if entry["type"] == kind and entry["name"] == name:
            return entry
    raise KeyError(f"no {kind} {name}")


def type_of(part: Entry) -> str:
    """The canonical type of a parameter, tuples written out."""
    kind = str(part["type"])
    if not kind.startswith("tuple"):
        return kind
    inner = ",".join(type_of(component) for component in part["components"])
    return f"({inner}){kind.removeprefix('tuple')}"


def _signature(entry: Entry) -> str:
    return f"{entry['name']}({','.join(type_of(part) for part in entry['inputs'])})"


def selector_of(entry: Entry) -> str:
    return "0x" + keccak(text=_signature(entry))[:4].hex()


def topic_of(entry: Entry) -> str:
    return "0x" + keccak(text=_signature(entry)).hex()


def call_data(entry: Entry, arguments: Sequence[Any]) -> str:
    types = [type_of(part) for part in entry["inputs"]]
    return selector_of(entry) + encode(types, arguments).hex()


def call_result(entry: Entry, result: str) -> Any:
    """The single output of a call; a tuple comes as a dict by name."""
    outputs = entry["outputs"]
    values = decode([type_of(part) for part in outputs], bytes.fromhex(result[2:]))
    named = [_named(part, value) for part, value in zip(outputs, values, strict=True)]
    return named[0] if len(named) == 1 else named


def log_arguments(entry: Entry, log: Mapping[str, Any]) -> dict[str, Any]:
    """An event's arguments by name. Raises ValueError when the log isn't this event's."""
    topics = list(log["topics"])
    if topics[0] != topic_of(entry):
        raise ValueError(f"not a log of {entry['name']}")
    indexed = [part for part in entry["inputs"] if part["indexed"]]
    plain = [part for part in entry["inputs"] if not part["indexed"]]
    found: dict[str, Any] = {}
    for part, topic in zip(indexed, topics[1:], strict=True):
        found[part["name"]] = _named(part, decode([type_of(part)], bytes.fromhex(topic[2:]))[0])
    values = decode([type_of(part) for part in plain], bytes.fromhex(log["data"][2:]))
    for part, value in zip(plain, values, strict=True):
        found[part["name"]] = _named(part, value)
    return found


def _named(part: Entry, value: Any) -> Any:
    """Tuples as dicts by name, addresses checksummed; everything else as it is."""
    if part["type"] == "tuple":
        pairs = zip(part["components"], value, strict=True)
        return {component["name"]: _named(component, inner) for component, inner in pairs}
    return to_checksum_address(value) if part["type"] == "address" else value

"""What the indexer is compared with: httpx, eth_abi and eth_utils in a loop, nothing of ours.

It asks for the logs of the same blocks, decodes each, its addresses checksummed as everybody takes
them, and stops there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx
from eth_abi.abi import decode
from eth_utils.address import to_checksum_address

from app.chain.contracts.abi import entry_of, topic_of, type_of
from app.chain.contracts.artifacts import load_artifact
from tests.support.long_chain import ADDRESSES, NOBODY, TOKEN

Types = tuple[list[str], list[str]]  # of what stands in topics, and in data


def read(url: str, first: int, last: int, span: int) -> int:
    """How many were decoded."""
    types = _types_by_topic()
    minted = topic_of(entry_of(load_artifact("ImpactToken").abi, "event", "Transfer"))
    with httpx.Client(timeout=120, trust_env=False) as http:
        return sum(
            _decoded(types, http.post(url, json=question).json()["result"])
            for question in _questions(first, last, span, minted)
        )


def _questions(first: int, last: int, span: int, minted: str) -> Iterator[Mapping[str, Any]]:
    for start in range(first, last + 1, span):
        blocks = {"fromBlock": hex(start), "toBlock": hex(min(start + span - 1, last))}
        for rest in (
            {"address": list(ADDRESSES.values())},
            {"address": [TOKEN], "topics": [minted, NOBODY]},
        ):
            yield {"jsonrpc": "2.0", "id": 1, "method": "eth_getLogs", "params": [blocks | rest]}


def _decoded(types: Mapping[str, Types], logs: Sequence[Mapping[str, Any]]) -> int:
    for log in logs:
        topic, *topics = log["topics"]
        indexed, plain = types[topic]
        words = bytes.fromhex("".join(one[2:] for one in topics))
        values = decode(indexed, words) + decode(plain, bytes.fromhex(log["data"][2:]))
        for kind, value in zip(indexed + plain, values, strict=True):
            if kind == "address":
                to_checksum_address(value)
    return len(logs)


def _types_by_topic() -> dict[str, Types]:
    found: dict[str, Types] = {}
    for contract in ("ActionRegistry", "ImpactToken"):
        for entry in load_artifact(contract).abi:
            if entry["type"] == "event":
                parts: Types = ([], [])
                for part in entry["inputs"]:
                    parts[not part["indexed"]].append(type_of(part))
                found[topic_of(entry)] = parts
    return found

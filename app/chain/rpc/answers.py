"""What nodes answer, as values of ours: numbers, raw bytes, checksummed addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from app.chain.typed import checksum


@dataclass(frozen=True)
class Block:
    number: int
    hash: bytes
    parent_hash: bytes
    time: datetime
    gas_limit: int | None = None  # some nodes don't say
    gas_used: int | None = None
    bloom: bytes | None = None  # 256 bytes that tell which logs it can hold
    transactions: tuple[bytes, ...] = ()


class Log(NamedTuple):  # there are many: made in half of a dataclass' time
    block_number: int
    block_hash: bytes
    log_index: int
    transaction_hash: bytes
    address: str
    topics: tuple[str, ...]
    data: bytes


@dataclass(frozen=True)
class Receipt:
    block_number: int
    block_hash: bytes
    succeeded: bool
    gas_used: int
    logs: tuple[Log, ...] = ()


def to_hex(value: bytes) -> str:
    return "0x" + value.hex()


def to_bytes(value: str) -> bytes:
    return bytes.fromhex(value[2:])


def block_of(raw: dict[str, Any]) -> Block:
    return Block(
        int(raw["number"], 16),
        to_bytes(raw["hash"]),
        to_bytes(raw["parentHash"]),
        datetime.fromtimestamp(int(raw["timestamp"], 16), UTC),
        int(raw["gasLimit"], 16) if raw.get("gasLimit") else None,
        int(raw["gasUsed"], 16) if raw.get("gasUsed") else None,
        to_bytes(raw["logsBloom"]) if len(raw.get("logsBloom") or "") == 514 else None,
        tuple(to_bytes(one) for one in raw.get("transactions") or ()),
    )


def log_of(raw: dict[str, Any]) -> Log:
    return Log(
        int(raw["blockNumber"], 16),
        to_bytes(raw["blockHash"]),
        int(raw["logIndex"], 16),
        to_bytes(raw["transactionHash"]),
        checksum(raw["address"]),
        tuple(raw["topics"]),
        to_bytes(raw["data"]),
    )


def receipt_of(raw: dict[str, Any] | None) -> Receipt | None:
    """None as long as no block holds the transaction."""
    if raw is None or raw.get("blockHash") is None:
        return None
    return Receipt(
        int(raw["blockNumber"], 16),
        to_bytes(raw["blockHash"]),
        int(raw["status"], 16) == 1,
        int(raw["gasUsed"], 16),
        tuple(log_of(log) for log in raw.get("logs") or ()),
    )

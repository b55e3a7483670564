"""What nodes answer, as values of ours: numbers, raw bytes, checksummed addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from app.chain.typed import checksum

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What is raised on the way from an answer to a value when it isn't what it should be.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


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


def number_of(raw: str) -> int:
    """Raises ValueError where no row of ours could hold it."""
    number = int(raw, 16)
    if not 0 <= number < 2**63:
        raise ValueError(f"{number:#x} is no number of a chain")
    return number


def block_of(raw: dict[str, Any]) -> Block:
    return Block(
        number_of(raw["number"]),
        to_bytes(raw["hash"]),
        to_bytes(raw["parentHash"]),
        _EPOCH + timedelta(seconds=number_of(raw["timestamp"])),
        number_of(raw["gasLimit"]) if raw.get("gasLimit") else None,
        number_of(raw["gasUsed"]) if raw.get("gasUsed") else None,
        to_bytes(raw["logsBloom"]) if len(raw.get("logsBloom") or "") == 514 else None,
        tuple(to_bytes(one) for one in raw.get("transactions") or ()),
    )


def log_of(raw: dict[str, Any]) -> Log:
    return Log(
        number_of(raw["blockNumber"]),
        to_bytes(raw["blockHash"]),
        number_of(raw["logIndex"]),
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
        number_of(raw["blockNumber"]),
        to_bytes(raw["blockHash"]),
        int(raw["status"], 16) == 1,
        number_of(raw["gasUsed"]),
        tuple(log_of(log) for log in raw.get("logs") or ()),
    )

"""The access log's hashes: an entry, a seal over a span of entries, a day's leaf. Pure.

An entry's hash covers its ciphertext and all that stands in clear, so that it outlives the key
that opens it. What the signer signs is a seal's digest, which names the digest before it. Words
are 32 bytes, numbers unsigned.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from app.chain.signatures import keccak

SEALER = "sealer"  # the signer's key for seals; never signs a transaction
KIND = keccak(b"access-log")  # under which a day's root stands in the contract Anchor
NOTHING = bytes(32)  # the root of no entries, and what the first seal follows

_ENTRY = keccak(b"civis.log.entry.v1")
_SEAL = keccak(b"civis.log.seal.v1")
_SIGNED = keccak(b"civis.log.signed.v1")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def entry_hash(row_id: UUID, at: datetime, subject_id: UUID, sealed: bytes, written: int) -> bytes:
    """`at` to the microsecond, as PostgreSQL keeps it."""
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    words = (row_id.int, micros, subject_id.int, written)
    return keccak(_ENTRY + b"".join(map(_word, words)) + keccak(sealed))


@dataclass(frozen=True)
class LogSeal:
    """The word on `entries` rows of one month, written by transactions in a span, in their order.

    `day`: since 1970-01-01; `month`: yyyymm; `previous`: the digest of the seal before.
    """

    number: int
    day: int
    month: int
    written_from: int
    written_before: int
    entries: int
    root: bytes
    previous: bytes

    def digest(self) -> bytes:
        """What the sealer signs. Raises ValueError for what is no seal."""
        if len(self.root) != 32 or len(self.previous) != 32:
            raise ValueError("a hash has 32 bytes")
        span = (self.written_from, self.written_before, self.entries)
        numbers = (self.number, self.day, self.month, *span)
        return keccak(_SEAL + b"".join(map(_word, numbers)) + self.root + self.previous)

    def to_json(self) -> dict[str, Any]:
        hashes = {"root": "0x" + self.root.hex(), "previous": "0x" + self.previous.hex()}
        return asdict(self) | hashes

    @classmethod
    def from_json(cls, stated: dict[str, Any]) -> Self:
        """Raises TypeError, ValueError or KeyError for what is no seal."""
        hashes = {name: bytes.fromhex(stated[name][2:]) for name in ("root", "previous")}
        return cls(**(stated | hashes))


def day_leaf(digest: bytes, signature: bytes) -> bytes:
    """A signed seal as a leaf of its day's tree."""
    return keccak(_SIGNED + digest + keccak(signature))


def _word(value: int) -> bytes:
    if type(value) is not int or not 0 <= value < 1 << 256:
        raise ValueError(f"{value!r} is no unsigned number")
    return value.to_bytes(32, "big")

"""A leaf: one action's salted commitment, the same bytes in Python, Solidity and the browser.

Everything is encoded as Solidity's `abi.encode` does static values: 32-byte words in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from app.impact.canonical import keccak
from app.impact.entries import METRICS

LEAF_DOMAIN = keccak(b"civis.leaf.v1")
NO_ATTESTATION = bytes(32)
EPOCH = date(1970, 1, 1)


class PathRefusedError(ValueError):
    """A proof doesn't hold. `code`: out_of_range, malformed, wrong_depth, wrong_cell,
    wrong_sums or wrong_root."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


def word(value: int, bits: int) -> bytes:
    """`value` as a 32-byte word. Raises PathRefusedError when it isn't a uint of `bits`."""
    if type(value) is not int or not 0 <= value < 1 << bits:
        raise PathRefusedError("out_of_range", f"{value!r} is no uint{bits}")
    return value.to_bytes(32, "big")


def bytes32(value: bytes) -> bytes:
    """`value` itself. Raises PathRefusedError when it isn't 32 bytes."""
    if len(value) != 32:
        raise PathRefusedError("malformed", f"{len(value)} bytes where 32 belong")
    return value


@dataclass(frozen=True)
class Leaf:
    """What a batch commits to for one action. `day` counts from 1970-01-01, reward in cents."""

    salt: bytes
    account: str
    action_type: int  # the catalogue's number
    action_type_version: int
    proof_level: int  # PROOF_LEVEL_NUMBERS
    day: int
    metrics: tuple[int, ...]  # in the order of METRICS
    reward_cents: int
    attestation_digest: bytes = NO_ATTESTATION

    @property
    def month(self) -> int:
        """The month of the deed as yyyymm."""
        return month_of(EPOCH + timedelta(days=self.day))

    def to_json(self) -> dict[str, Any]:
        """For receipts: bytes as hex, uint64 as text."""
        return {
            "salt": "0x" + self.salt.hex(),
            "account": self.account,
            "action_type": self.action_type,
            "action_type_version": self.action_type_version,
            "proof_level": self.proof_level,
            "day": self.day,
            "metrics": [str(value) for value in self.metrics],
            "reward_cents": str(self.reward_cents),
            "attestation_digest": "0x" + self.attestation_digest.hex(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Back from `to_json`. Raises PathRefusedError when it can't have come from there."""
        return cls(
            salt=bytes_in(data, "salt"),
            account=text_in(data, "account"),
            action_type=number_in(data, "action_type"),
            action_type_version=number_in(data, "action_type_version"),
            proof_level=number_in(data, "proof_level"),
            day=number_in(data, "day"),
            metrics=numbers_in(data, "metrics"),
            reward_cents=number_in(data, "reward_cents"),
            attestation_digest=bytes_in(data, "attestation_digest"),
        )


def leaf_hash(leaf: Leaf) -> bytes:
    """The leaf's 32 bytes. Raises PathRefusedError for values out of range."""
    if len(leaf.metrics) != len(METRICS):
        raise PathRefusedError("malformed", f"{len(leaf.metrics)} metrics")
    words = [
        LEAF_DOMAIN,
        bytes32(leaf.salt),
        address_word(leaf.account),
        word(leaf.action_type, 32),
        word(leaf.action_type_version, 16),
        word(leaf.proof_level, 8),
        word(leaf.day, 32),
        *(word(value, 64) for value in leaf.metrics),
        word(leaf.reward_cents, 64),
        bytes32(leaf.attestation_digest),
    ]
    return keccak(b"".join(words))


def metric_values(metrics: Mapping[str, int]) -> tuple[int, ...]:
    """Metrics by name in the order of the contracts, 0 where absent. KeyError if unknown."""
    if unknown := set(metrics) - set(METRICS):
        raise KeyError(f"no such metric: {', '.join(sorted(unknown))}")
    return tuple(metrics.get(name, 0) for name in METRICS)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def date_of(day: int) -> date:
    """The date of so many days since 1970-01-01."""
    return EPOCH + timedelta(days=day)


def day_of(moment: datetime) -> int:
    """Days since 1970-01-01 in UTC; `moment` must know its zone."""
    return day_number(moment.astimezone(UTC).date())


def month_of(day: date) -> int:
    """yyyymm."""
    return day.year * 100 + day.month


def address_word(address: str) -> bytes:
    """A 20-byte address in hex as a 32-byte word."""
    raw = hex_bytes(address)
    if len(raw) != 20:
        raise PathRefusedError("malformed", "an address has 20 bytes")
    return raw.rjust(32, b"\0")


def hex_bytes(text: str) -> bytes:
    """Bytes from 0x-hex. Raises PathRefusedError."""
    if not text.startswith("0x"):
        raise PathRefusedError("malformed", "hex starts with 0x")
    try:
        return bytes.fromhex(text[2:])
    except ValueError as error:
        raise PathRefusedError("malformed", "not hex") from error


def text_in(data: Mapping[str, Any], key: str) -> str:
    """A text member of untrusted JSON."""
    value = data.get(key)
    if not isinstance(value, str):
        raise PathRefusedError("malformed", f"{key} is no text")
    return value


def bytes_in(data: Mapping[str, Any], key: str) -> bytes:
    """A 32-byte hex member of untrusted JSON."""
    return bytes32(hex_bytes(text_in(data, key)))


def number_in(data: Mapping[str, Any], key: str) -> int:
    """A whole, non-negative number of untrusted JSON, as number or decimal text."""
    return _number(data.get(key), key)


def numbers_in(data: Mapping[str, Any], key: str) -> tuple[int, ...]:
    """A list of such numbers."""
    value = data.get(key)
    if not isinstance(value, list):
        raise PathRefusedError("malformed", f"{key} is no list")
    return tuple(_number(item, key) for item in value)


def object_in(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object of untrusted JSON."""
    value = data.get(key)
    if not isinstance(value, dict):
        raise PathRefusedError("malformed", f"{key} is no object")
    return value


def members_in(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """A list of objects of untrusted JSON."""
    value = data.get(key)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise PathRefusedError("malformed", f"{key} is no list of objects")
    return value


def _number(value: object, key: str) -> int:
    if type(value) is int and value >= 0:
        return value
    # 39 digits hold a uint128; longer texts are refused before int() reads them.
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 39:
        return int(value)
    raise PathRefusedError("out_of_range", f"{key} is no whole number")

"""What a block's header says of its logs without them: the filter of 2,048 bits that it holds.

A bit that is not set proves that there is no log with this address or topic; all set prove nothing,
but the filter of all of a block's logs is its header's to the bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from app.chain.signatures import keccak

BYTES = 256


def may_hold(bloom: bytes, values: Iterable[bytes]) -> bool:
    """Whether a log with all of these, an address or topics, can be there."""
    return all(bloom[place] & bit for value in values for place, bit in _bits(value))


def bloom_of(values: Iterable[bytes]) -> bytes:
    """That of a block whose logs have these addresses and topics, and no others."""
    bloom = bytearray(BYTES)
    for value in values:
        for place, bit in _bits(value):
            bloom[place] |= bit
    return bytes(bloom)


@lru_cache(maxsize=8192)
def _bits(value: bytes) -> tuple[tuple[int, int], ...]:
    """Byte and bit within it, three of them (yellow paper, 4.4.1)."""
    hashed = keccak(value)
    numbers = [int.from_bytes(hashed[at : at + 2], "big") % (8 * BYTES) for at in (0, 2, 4)]
    return tuple((BYTES - 1 - number // 8, 1 << number % 8) for number in numbers)

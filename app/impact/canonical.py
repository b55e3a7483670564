"""Canonical JSON (RFC 8785) and its keccak hash, for data whose hash stands on the chain.

Our data holds no fractions, so that numbers need no ECMAScript formatting: floats and
integers that a double cannot hold exactly are refused instead.
"""

from __future__ import annotations

import json
from typing import Any

from eth_hash.backends.pysha3 import backend
from eth_hash.main import Keccak256

keccak = Keccak256(backend)  # four times faster than the default backend

_EXACT = 2**53 - 1


def canonical_json(value: Any) -> bytes:
    """UTF-8 bytes of `value`, the same for equal values. Raises TypeError or ValueError."""
    text = json.dumps(_checked(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")


def hash_json(value: Any) -> bytes:
    """keccak256 of the canonical JSON, 32 bytes."""
    return keccak(canonical_json(value))


def _checked(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) > _EXACT:
            raise ValueError(f"{value} is not exact as a JSON number")
        return value
    if isinstance(value, list | tuple):
        return [_checked(item) for item in value]
    if isinstance(value, dict):
        return {key: _checked(value[key]) for key in sorted(value, key=_utf16)}
    raise TypeError(f"{type(value).__name__} has no canonical JSON here")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")

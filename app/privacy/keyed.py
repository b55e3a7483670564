"""Keyed hashes over parts that cannot run into one another. Opens nothing."""

from __future__ import annotations

import hmac


def keyed(key: bytes, *parts: bytes | str) -> bytes:
    """HMAC-SHA-256 over parts that cannot run into one another; 32 bytes."""
    return hmac.digest(key, joined(*parts), "sha256")


def joined(*parts: bytes | str) -> bytes:
    """Each part behind its length, so that ("ab", "c") differs from ("a", "bc")."""
    whole = b""
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        whole += len(raw).to_bytes(4, "big") + raw
    return whole

"""A PIN's slow hash: 0.1 s and 32 MB a try, over a value that a key of the house has peppered."""

from __future__ import annotations

import secrets
from hashlib import scrypt

_SALT = 16
_COST = {"n": 2**15, "r": 8, "p": 1, "maxmem": 2**26, "dklen": 32}


def new_salt() -> bytes:
    return secrets.token_bytes(_SALT)


def slow_hash(peppered: bytes, salt: bytes) -> bytes:
    return scrypt(peppered, salt=salt, **_COST)

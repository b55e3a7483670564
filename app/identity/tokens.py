"""The tokens of sessions: 256 random bits, of which only a hash is kept."""

from __future__ import annotations

import secrets
from hashlib import sha256

_BYTES = 32


def new_token() -> str:
    return secrets.token_urlsafe(_BYTES)


def token_hash(token: str) -> bytes:
    """Tokens are 256 random bits, so a plain hash can't be guessed back."""
    return sha256(token.encode()).digest()

"""Tokens by which a Besu node lets Civis ask: JWT of its own key, RS256 as Besu expects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from app.config import ConfigError
from app.keyfiles import write_private

PUBLIC = "rpc-public.pem"  # as besu.toml names it
BITS = 3072
_ALLOWED = ["eth:*", "net:*", "web3:*"]  # all that a node of the kit offers


def make_token_key(path: Path) -> Path:
    """A key pair: the private half at `path`, mode 600, the public one beside it, whose path it
    gives. Raises ConfigError if there is one."""
    public = path.parent / PUBLIC
    for one in (path, public):
        if one.exists():
            raise ConfigError(f"{one} is there already: a node has one key for tokens.")
    key = RSAKey.generate_key(BITS)
    write_private(path, key.as_pem(private=True).decode("ascii"))
    public.write_bytes(key.as_pem(private=False))
    return public


def make_token(key: Path, file: Path, days: int) -> datetime:
    """Writes a token that ends in so many days, mode 600, and says when. Raises ConfigError."""
    try:
        signing = RSAKey.import_key(key.read_bytes())
    except (OSError, ValueError, JoseError) as error:
        raise ConfigError(f"{key} is no key that `civis network token-key` made.") from error
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days)
    claims = {"permissions": _ALLOWED, "exp": int(ends.timestamp())}
    write_private(file, jwt.encode({"alg": "RS256"}, claims, signing))
    return ends

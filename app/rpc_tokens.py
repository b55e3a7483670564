"""What nodes want to see of us: a bearer token for each URL, from a file or the environment.

A file is read again whenever it has changed, so that a token can be renewed while all runs. No
token is ever part of a URL, of a text or of an error.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from app.keyfiles import KeyFileError

NONE = "-"  # in a list, for a URL that wants none
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


@dataclass
class Token:
    """`file`, or a value for good."""

    file: Path | None = None
    _value: str = field(default="", repr=False)
    _read: tuple[int, int] = (0, 0)

    def value(self) -> str:
        """Raises KeyFileError when its file is missing, empty, no token, or open to others."""
        if self.file is not None:
            self._renew(self.file)
        return self._value

    def _renew(self, file: Path) -> None:
        try:
            found = file.stat()
            if self._read == (found.st_ino, found.st_mtime_ns):
                return
            text = file.read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            raise KeyFileError(f"The token file {file} can't be read.") from error
        if found.st_mode & 0o077:
            raise KeyFileError(f"Others may read {file}: run `chmod 600 {file}`.")
        if not _TOKEN.fullmatch(text):
            raise KeyFileError(f"The token file {file} holds no bearer token.")
        self._value, self._read = text, (found.st_ino, found.st_mtime_ns)


@dataclass(frozen=True)
class RpcTokens:
    """By URL; a URL without one is asked without."""

    by_url: Mapping[str, Token] = field(default_factory=dict)

    def headers(self, url: str) -> dict[str, str]:
        """What a request to it carries. Raises KeyFileError."""
        token = self.by_url.get(url)
        return {} if token is None else {"Authorization": f"Bearer {token.value()}"}

    def ends_at(self, url: str) -> datetime | None:
        """When the URL's token ends, if it is a JWT that says so. Raises KeyFileError."""
        token = self.by_url.get(url)
        parts = token.value().split(".") if token else []
        try:
            claims = json.loads(urlsafe_b64decode(parts[1] + "=="))
            return datetime.fromtimestamp(int(claims["exp"]), UTC)
        except (ValueError, LookupError, TypeError, OverflowError):
            return None


NO_TOKENS = RpcTokens()


def tokens_of(urls: Sequence[str], values: Sequence[str], files: Sequence[str]) -> RpcTokens:
    """In the order of the URLs, `-` where none is wanted. Raises ValueError."""
    if values and files:
        raise ValueError("Set CHAIN_RPC_TOKENS or CHAIN_RPC_TOKEN_FILES, not both.")
    given = values or files
    if given and len(given) != len(urls):
        name = "CHAIN_RPC_TOKENS" if values else "CHAIN_RPC_TOKEN_FILES"
        raise ValueError(f"{name} has {len(given)} entries for {len(urls)} CHAIN_RPC_URLS.")
    if not all(_TOKEN.fullmatch(value) for value in values):
        raise ValueError("CHAIN_RPC_TOKENS holds something that is no bearer token.")
    return RpcTokens(
        {
            url: Token(_value=one) if values else Token(Path(one).expanduser().absolute())
            for url, one in zip(urls, given, strict=False)
            if one != NONE
        }
    )


def read_tokens(words: Callable[[str], Sequence[str]]) -> RpcTokens:
    """As an operator's settings say, of which `words` gives a list. Raises ValueError."""
    urls = words("CHAIN_RPC_URLS")
    check_no_credentials(urls)
    return tokens_of(urls, words("CHAIN_RPC_TOKENS"), words("CHAIN_RPC_TOKEN_FILES"))


def check_no_credentials(urls: Sequence[str]) -> None:
    """Raises ValueError: a URL ends up in logs and on pages."""
    if any("@" in url.partition("://")[2].partition("/")[0] for url in urls):
        raise ValueError(
            "CHAIN_RPC_URLS holds a name or a password: give a token by CHAIN_RPC_TOKEN_FILES."
        )

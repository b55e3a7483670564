"""Whose a token is, by its hash: never changes, so it may be remembered. Grants nothing.

It only tells the door which counter is meant, and whether the session was `plain`, without shift
and mandate; where that is no longer so, the door asks a second time.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

_MOST = 10_000


class Holder(NamedTuple):
    person_id: UUID
    plain: bool


class TokenHolders:
    def __init__(self) -> None:
        self._known: dict[bytes, Holder] = {}

    def get(self, token: bytes) -> Holder | None:
        return self._known.get(token)

    def put(self, token: bytes, holder: Holder) -> None:
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[token] = holder

"""Whose a token is, by its hash: never changes, so it may be remembered. Grants nothing.

It only tells the door which counter is meant; without it a write is counted a statement later.
"""

from __future__ import annotations

from uuid import UUID

_MOST = 10_000


class TokenHolders:
    def __init__(self) -> None:
        self._known: dict[bytes, UUID] = {}

    def get(self, token: bytes) -> UUID | None:
        return self._known.get(token)

    def put(self, token: bytes, person_id: UUID) -> None:
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[token] = person_id

"""Who may tell what, and how a clerk's signature covers it.

A clerk's statement has no place for more than kind, quantity and time. Its nonce, chance
otherwise, is then half chance and half the hash of that and of what is told: whoever checks the
signature later checks that too.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from app.actions import telling_problems as problems
from app.actions.models import Visit
from app.actions.told import OF_SHARED, PLACES, SHARED, Told, asked
from app.errors import Problem
from app.impact.canonical import canonical_json, keccak

__all__ = ["Telling", "check_asked", "check_bound", "new_nonce", "problems", "told_at_counter"]

_TOLD = keccak(b"civis.told.v1")
_HALF = 16


@dataclass(frozen=True)
class Telling:
    """What is told of a deed, and who `other` is."""

    told: Told = field(default_factory=dict)
    other_id: UUID | None = None


def told_at_counter(session: Session, told: Told, visit: Visit, now: datetime) -> Telling:
    """The other participant stands there too: identified to the same clerk, as another visit.
    Raises Problem visit-unknown, told-oneself."""
    if "other" not in told:
        return Telling(told)
    other = session.get(Visit, bytes.fromhex(told["other"][2:]))
    if other is None or other.clerk_id != visit.clerk_id or other.expires_at < now:
        raise Problem("visit-unknown", field="told.other")
    if other.person_id == visit.person_id:
        raise Problem("told-oneself", field="told.other")
    return Telling(told, other.person_id)


class Asking(Protocol):
    """Compiled rules: the fields of an action and the kinds of code that they look at."""

    @property
    def fields(self) -> Collection[str]: ...
    @property
    def kinds(self) -> Collection[str]: ...


def check_asked(told: Told, action_type: str, rules: Asking | None, *, at: str = "told") -> None:
    """Nothing is asked of people that decides nothing. Raises Problem told-not-shared,
    told-not-asked, naming the field in `at`."""
    for name in told:
        if name in OF_SHARED and action_type not in SHARED:
            raise Problem("told-not-shared", field=f"{at}.{name}", what=name)
    kept = asked(told, rules.fields, rules.kinds) if rules else {}
    for name, value in told.items():
        if name in PLACES:
            more = [f"{name}.{kind}" for kind in value if kind not in kept.get(name, ())]
        else:
            more = [] if name in kept else [name]
        for what in more:
            raise Problem("told-not-asked", field=f"{at}.{what}", what=what)


def new_nonce(told: Told) -> bytes:
    """Of a statement that is to be signed."""
    if not told:
        return secrets.token_bytes(2 * _HALF)
    chance = secrets.token_bytes(_HALF)
    return chance + _bound(chance, told)


def check_bound(nonce: bytes, told: Told) -> None:
    """Raises Problem attestation-other-statement where something else was signed."""
    if told and nonce[_HALF:] != _bound(nonce[:_HALF], told):
        raise Problem("attestation-other-statement", field="statement.nonce", what="nonce")


def _bound(chance: bytes, told: Told) -> bytes:
    return keccak(_TOLD + chance + canonical_json(dict(told)))[:_HALF]

"""When a block or a recovery stands where: pure decisions, the same as the contract's.

The pair that wants a recovery never decides about an objection, and nobody votes twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from uuid import UUID

from app.errors import Problem
from app.recovery.models import RecoveryKind, RecoveryState

HOUR = timedelta(hours=1)
NOTICE = 72 * HOUR
DEATH_NOTICE = timedelta(days=30)  # nobody can write to who has a card alone: time to come by
DECIDED_WITHIN = timedelta(days=30)
PATIENCE = timedelta(days=30)
VOTES = 2
MOVED_WITHIN = timedelta(days=30)  # of its moment, an announced move is done, or it lapses
OLD_PASSKEY = timedelta(days=7)  # at least; longer where the operator lets moves wait longer
_MOVES = b"civis.moves.v1"


def check_may_block(
    last_by: UUID | None, last_until: datetime | None, by: UUID, now: datetime
) -> None:
    """One officer blocks for 72 hours; going on takes a second one."""
    if last_until is None or last_by != by:
        return
    if now < last_until:
        raise Problem("block-goes-on", hours=ceil((last_until - now) / HOUR))
    if now < last_until + PATIENCE:
        raise Problem("recovery-another-officer")


def check_other(acted: Collection[UUID | None], by: UUID) -> None:
    """Neither the person whose it is, nor who acted in the case before."""
    if by in acted:
        raise Problem("recovery-another-officer")


def notice(kind: RecoveryKind) -> timedelta:
    """How long a confirmed case waits for its person."""
    return DEATH_NOTICE if kind is RecoveryKind.DEATH else NOTICE


def state_at(state: RecoveryState, ends_at: datetime, now: datetime) -> RecoveryState:
    """A case that ran out has failed, whether or not anybody noted it."""
    if state in (RecoveryState.DONE, RecoveryState.FAILED) or now < ends_at:
        return state
    return RecoveryState.FAILED


def check_state(state: RecoveryState, wanted: Collection[RecoveryState]) -> None:
    if state not in wanted:
        raise Problem("recovery-not-so-far")


def decision(votes: Iterable[bool]) -> bool | None:
    """What the first two who agree decided; None: nobody yet."""
    said = list(votes)
    if said.count(True) >= VOTES:
        return True
    return False if said.count(False) >= VOTES else None


def moves_challenge(digests: Iterable[bytes]) -> bytes:
    """What a passkey signs for several moves: all of their digests, as the page orders them."""
    return sha256(_MOVES + b"".join(digests)).digest()

"""Moves that the signer heard of, each with the moment before which it lends no hand to it.

The clock runs from when the signer itself was asked, in a table that only it writes: who writes
everywhere else shortens no wait. A stop, once added, can't be taken back by the application, and a
block is kept here as the end of what it ended. What the application told nobody of is ended too:
whoever asks the signer alone leaves the owner nothing to stop.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.typed_recovery import Move
from app.errors import Problem
from app.identity.block_models import WalletBlock
from app.identity.passkeys import ceremony
from app.identity.signer_models import HeardMove, SeenPasskey
from app.recovery.move_checks import check_no_guardian
from app.recovery.move_models import AnnouncedMove, AnnouncedMoveEnd
from app.recovery.rules import MOVED_WITHIN

_KEPT = MOVED_WITHIN + timedelta(days=1)
_TOLD_WITHIN = timedelta(minutes=10)  # the request that asked has long been committed, or undone


def check_first(session: Session, row: HeardMove) -> None:
    """No other announcement was for this very move: a passkey's answer counts once, also after a
    stop. Raises Problem passkey-refused."""
    same = select(HeardMove).where(col(HeardMove.digest) == row.digest, col(HeardMove.id) != row.id)
    if session.scalars(same.limit(1)).first() is not None:
        raise ceremony.refused()


def note(session: Session, row: HeardMove) -> datetime:
    """When it may be done; asked again, as at first."""
    known = session.get(HeardMove, row.id, with_for_update=True)
    if known is None:
        session.add(row)
        session.flush()
        return row.ready_at
    if (known.person_id, _between(known)) != (row.person_id, _between(row)):
        raise Problem("signer-order-refused")
    return known.ready_at


def ripe(session: Session, announced: UUID, move: Move, now: datetime) -> HeardMove:
    """The move between these very accounts, whose time has come, of which the owner was told and
    which nobody stopped.

    Raises Problem signer-move-waits, signer-order-refused, move-guardian.
    """
    known = session.get(HeardMove, announced)
    if known is None or now < known.ready_at:
        raise Problem("signer-move-waits")
    if _between(known) != _between(move) or now >= known.ready_at + MOVED_WITHIN:
        raise Problem("signer-order-refused")
    standing = select(col(HeardMove.id)).where(
        col(HeardMove.id) == announced, col(HeardMove.ended_at).is_(None), _told(), ~_stopped()
    )
    if session.scalar(standing) is None:
        raise Problem("signer-order-refused")
    check_no_guardian(session, known.person_id, now)
    return known


def end_stopped(session: Session, now: datetime) -> tuple[int, list[str]]:
    """Those that a block has ended, and those of which nobody was told in time: how many, and which
    of the latter."""
    untold = ~_told() & (col(HeardMove.heard_at) < now - _TOLD_WITHIN)
    over = untold | _stopped()
    found = select(col(HeardMove.id), untold.label("untold")).where(
        col(HeardMove.ended_at).is_(None), over
    )
    ended = session.execute(found).all()
    session.execute(
        update(HeardMove)
        .where(col(HeardMove.id).in_([one.id for one in ended]))
        .values(ended_at=now)
    )
    return len(ended), [str(one.id) for one in ended if one.untold]


def forget(session: Session, now: datetime) -> int:
    """Those whose time has run out; how many. One with a passkey's answer, once that is gone."""
    answered = exists().where(col(SeenPasskey.credential_id) == col(HeardMove.credential_id))
    gone = delete(HeardMove).where(col(HeardMove.ready_at) < now - _KEPT, ~answered)
    return len(session.execute(gone.returning(col(HeardMove.id))).all())


def _told() -> ColumnElement[bool]:
    """It stands on every page of the owner's, and can be stopped there."""
    return exists().where(
        col(AnnouncedMove.id) == col(HeardMove.id),
        col(AnnouncedMove.person_id) == col(HeardMove.person_id),
        col(AnnouncedMove.new_address) == col(HeardMove.receiver),
    )


def _stopped() -> ColumnElement[bool]:
    return (
        exists().where(col(AnnouncedMoveEnd.announced_id) == col(HeardMove.id))
    ) | exists().where(
        col(WalletBlock.person_id) == col(HeardMove.person_id),
        col(WalletBlock.since) >= col(HeardMove.heard_at),
    )


def _between(move: Move | HeardMove) -> tuple[bytes, str, str]:
    return move.programme_id, move.sender, move.receiver

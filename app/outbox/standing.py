"""How things stand between our rows and the chain: keys, nodes, incidents, for whoever looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session
from sqlmodel import col

from app.outbox.models import (
    ChainNode,
    ChainTransaction,
    Incident,
    KeyPause,
    OutboxItem,
    OutboxState,
    TransactionState,
)
from app.outbox.pauses import paused

UNMINED = (TransactionState.PREPARED, TransactionState.BROADCAST)
MOST = 200


@dataclass(frozen=True)
class KeyStanding:
    """`oldest_unmined`: signed, and in no block yet; `held`: rows that wait for an operator."""

    signer: str
    address: str | None
    last_nonce: int | None
    oldest_unmined: ChainTransaction | None
    waiting: int
    held: int
    waits_until: datetime | None
    pause: KeyPause | None


def keys(session: Session) -> list[KeyStanding]:
    """Every signer that has sent something, has something to send, or is paused."""
    pauses = paused(session)
    last = {row.signer: row for row in _transactions(session)}
    unmined: dict[str, ChainTransaction] = {}
    for row in _transactions(session, *UNMINED):
        unmined.setdefault(row.signer, row)
    waiting = {row[0]: row for row in session.execute(_open_rows())}
    found = []
    for signer in sorted({*pauses, *last, *waiting}):
        latest, rows = last.get(signer), waiting.get(signer)
        found.append(
            KeyStanding(
                signer,
                latest.signer_address if latest else None,
                latest.nonce if latest else None,
                unmined.get(signer),
                rows[1] if rows else 0,
                rows[2] if rows else 0,
                rows[3] if rows else None,
                pauses.get(signer),
            )
        )
    return found


def unmined_of(session: Session, signer: str) -> list[ChainTransaction]:
    """In the order of signing."""
    return [row for row in _transactions(session, *UNMINED) if row.signer == signer]


def nodes(session: Session) -> Sequence[ChainNode]:
    return session.scalars(select(ChainNode).order_by(col(ChainNode.label))).all()


def incidents(session: Session) -> Sequence[Incident]:
    """Those that nobody has looked at and that haven't passed, newest first."""
    query = select(Incident).where(col(Incident.acknowledged_at).is_(None))
    return session.scalars(query.order_by(col(Incident.at).desc()).limit(MOST)).all()


def _transactions(session: Session, *states: TransactionState) -> Sequence[ChainTransaction]:
    """Of each signer the one that was signed last; of these states all, the oldest first. By id:
    a new key's nonces begin at 0."""
    signed = col(ChainTransaction.id)
    if states:
        query = select(ChainTransaction).where(col(ChainTransaction.state).in_(states))
        return session.scalars(query.order_by(signed)).all()
    newest = select(ChainTransaction).ext(distinct_on(col(ChainTransaction.signer)))
    return session.scalars(newest.order_by(col(ChainTransaction.signer), signed.desc())).all()


def _open_rows() -> Select[str, int, int, datetime | None]:
    held = func.count().filter(col(OutboxItem.state) == OutboxState.HELD)
    waiting = func.count().filter(col(OutboxItem.state) == OutboxState.WAITING)
    return (
        select(col(OutboxItem.signer), waiting, held, func.min(col(OutboxItem.waits_until)))
        .where(col(OutboxItem.state).in_((OutboxState.WAITING, OutboxState.HELD)))
        .group_by(col(OutboxItem.signer))
    )

"""A nonce of ours whose bytes are lost, below others that are signed: it is filled with nothing.

No later bytes of its key can be mined before it is used, and the lost ones may still lie with some
node. So the filler must be final before the doors open: if those are mined instead, that is seen
while everything on the chain must be matched to its list, and nothing is credited twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.edge import Edge
from app.chain.errors import AlreadyKnown, NonceUsed, PermanentError
from app.chain.sending.adopting import LOST, Place, lost
from app.chain.sending.filling import sign_nothing
from app.chain.sending.kept_transactions import Kept, keep
from app.chain.sending.restored_rows import Unmatched
from app.chain.typed import keccak
from app.outbox.models import ChainTransaction
from app.outbox.queue import UNFINISHED

WAITS = "filled with nothing, and in no block that is final yet: match again"


def is_ours(one: Kept) -> bool:
    """Whether it was signed here."""
    return one.kind == LOST and one.fills is None


def fill(session: Session, edge: Edge, place: Place, reason: str, now: datetime) -> NoReturn:
    """Kept, then handed over. Raises Unmatched always."""
    if edge.signer.address_of(place.role) != place.address:
        raise Unmatched("only its own key can fill it: give that back to the signer first")
    row = lost(edge, place, reason, now)
    row.raw = sign_nothing(edge, row)
    row.hash, row.abandoned = keccak(row.raw), reason
    keep(edge, row)
    hand_over(session, edge, place, row.raw)


def hand_over(session: Session, edge: Edge, place: Place, raw: bytes) -> NoReturn:
    """Behind what no block holds of its key, else it is never mined. Raises Unmatched always."""
    below = _below(session, edge, place)
    for row in below:
        keep(edge, row)
    for sent in (*(row.filler_raw or row.raw for row in below), raw):
        try:
            edge.client.send_raw(sent)
        except (AlreadyKnown, NonceUsed):
            continue
        except PermanentError as error:
            raise Unmatched(f"filled with nothing, which the node refuses: {error}") from error
    raise Unmatched(WAITS)


def _below(session: Session, edge: Edge, place: Place) -> Sequence[ChainTransaction]:
    """What the books held as sent, and what was taken over: while the doors are shut nobody else
    sends it."""
    query = select(ChainTransaction).where(
        col(ChainTransaction.signer_address) == place.address,
        col(ChainTransaction.chain_id) == edge.client.chain_id,
        col(ChainTransaction.state).in_(UNFINISHED),
        col(ChainTransaction.nonce) >= edge.client.nonce(place.address),
        col(ChainTransaction.nonce) < place.nonce,
    )
    return session.scalars(query.order_by(col(ChainTransaction.nonce))).all()

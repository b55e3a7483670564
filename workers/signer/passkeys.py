"""Passkeys as the signer saw them: an old one, asked for the finger, face or PIN of its owner, is
what a thief with a telephone and its mailbox does not have.

How old one is goes by when the signer first saw it. Key and owner are those of that moment; who
writes the application's table can add a passkey, and then waits longer than a move does.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.signer_protocol import from_hex
from app.errors import Problem
from app.identity.passkeys import ceremony
from app.identity.passkeys.models import Passkey
from app.identity.signer_models import SeenPasskey
from app.recovery.rules import moves_challenge, old_after

_MOST = 1000


def look(session: Session, now: datetime) -> int:
    """Notes those not seen before, forgets those that are gone; how many."""
    known = exists().where(col(SeenPasskey.credential_id) == col(Passkey.credential_id))
    new = session.scalars(select(Passkey).where(~known).limit(_MOST)).all()
    session.add_all(
        SeenPasskey(
            credential_id=one.credential_id,
            person_id=one.person_id,
            public_key=one.public_key,
            seen_at=now,
        )
        for one in new
    )
    session.flush()
    still = exists().where(col(Passkey.credential_id) == col(SeenPasskey.credential_id))
    gone = delete(SeenPasskey).where(~still).returning(col(SeenPasskey.person_id))
    return len(new) + len(session.execute(gone).all())


def check_old(
    session: Session,
    site: ceremony.Site,
    person_id: UUID,
    digest: bytes,
    proof: dict[str, Any],
    *,
    notice: timedelta,
    now: datetime,
) -> None:
    """An old passkey of the person's, by the key that was seen then, signed for the moves that
    `proof` lists, this one among them. `notice`: how long a move waits without.

    Raises Problem signer-passkey-young, passkey-refused.
    """
    listed = [from_hex(one) for one in proof["moves"]]
    credential_id, _ = ceremony.named_by(proof["credential"])
    row = session.scalar(select(Passkey).where(col(Passkey.credential_id) == credential_id))
    seen = session.get(SeenPasskey, credential_id)
    if row is None or row.cloned_at is not None or row.person_id != person_id:
        raise ceremony.refused()
    if seen is None or now < seen.seen_at + old_after(notice):
        raise Problem("signer-passkey-young")
    if digest not in listed or seen.person_id != person_id:
        raise ceremony.refused()
    ceremony.signed(site, moves_challenge(listed), proof["credential"], seen.public_key)

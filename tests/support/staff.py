"""Staff of a test's city who signed in with a passkey: the real signer takes no other word."""

from __future__ import annotations

from datetime import datetime
from secrets import token_bytes
from uuid import UUID

from sqlalchemy.orm import Session

from app.db import uuid7
from app.identity import service as identity
from app.identity.passkeys.models import Passkey
from app.privacy.service import Ref, seal


def staff_session(session: Session, person_id: UUID, now: datetime) -> str:
    """The token of a session that a passkey stands behind, though this one could answer nothing."""
    key, passkey_id = token_bytes(32), uuid7()
    place = Ref("passkey", "name_sealed", passkey_id)
    passkey = Passkey(
        id=passkey_id,
        person_id=person_id,
        credential_id=key,
        public_key=key,
        sign_count=0,
        name_sealed=seal(session, person_id, place, "Of the tests"),
        created_at=now,
    )
    session.add(passkey)
    session.flush()
    return identity.open_session(session, person_id, "api", now, passkey_id=passkey.id)

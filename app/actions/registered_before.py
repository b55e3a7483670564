"""A key that the chain has already, and that a restored database is told of once more.

The officer's yes is then to what the chain holds: its dates count, and nothing is sent again.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from app.errors import Problem, define
from app.outbox.service import came_back

define(
    "key-registered-otherwise",
    409,
    en=(
        "The chain holds this key otherwise",
        "It was revoked there, or vouches for something else.",
        "Make a new key.",
    ),
    fr=(
        "La chaîne contient déjà cette clé, autrement",
        "Elle y est révoquée, ou atteste autre chose.",
        "Créez une nouvelle clé.",
    ),
)


def registered_before(
    session: Session, key: str, kind: int, scope_hash: bytes
) -> tuple[datetime, datetime] | None:
    """From when until when. Raises Problem key-registered-otherwise."""
    said = came_back(session, "register_attester", key)
    if said is None:
        return None
    same = (said["kind"], said["scope_hash"]) == (kind, "0x" + scope_hash.hex())
    if not same or came_back(session, "revoke_attester", key) is not None:
        raise Problem("key-registered-otherwise")
    first, last = (
        datetime.fromtimestamp(said[name], UTC) for name in ("valid_from", "valid_until")
    )
    return first, last

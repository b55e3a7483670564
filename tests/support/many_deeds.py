"""Somebody's deeds by the thousand, as copies of their first one: one a minute before it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action
from app.privacy.service import Ref, seal

_OWN = {
    "id": "gen_random_uuid()",
    "deed_at": "a.deed_at - n * interval '1 minute'",
    "external_hash": "null",
}


def copy_deeds(session: Session, first: UUID, count: int) -> None:
    """`count` more."""
    names = [one.name for one in Action.__table__.columns]  # type: ignore[attr-defined]
    values = ", ".join(_OWN.get(name, f"a.{name}") for name in names)
    session.execute(
        text(
            f"insert into action ({', '.join(names)}) select {values} "
            "from action a cross join generate_series(1, :count) n where a.id = :first"
        ),
        {"first": first, "count": count},
    )


def note_deeds(session: Session, person_id: UUID) -> None:
    """A sealed note to each."""
    ids = session.scalars(select(col(Action.id)).where(col(Action.person_id) == person_id)).all()
    rows = [
        {
            "id": one,
            "note_sealed": seal(session, person_id, Ref("action", "note_sealed", one), "ok"),
        }
        for one in ids
    ]
    session.execute(update(Action), rows)


def _note(action_id: UUID) -> Ref:
    return Ref("action", "note_sealed", action_id)

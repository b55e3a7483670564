"""What is still to be set against a person's later deeds, or added to them, in a sentence each."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from app.rewards.models import Programme
from app.rewards.valuing.owed import owed_by
from app.web import formats
from app.web.words import gettext as _
from app.web.words import locale


def owed_lines(session: Session, person_id: UUID) -> list[str]:
    """By programme; of most people none."""
    return [
        _line(cents, session.get_one(Programme, programme_id).name[locale()])
        for programme_id, cents in owed_by(session, person_id).items()
    ]


def _line(cents: int, name: str) -> str:
    if cents < 0:
        return _(
            "%(tokens)s are still to be added to your next reward in %(name)s: a correction left "
            "them; what is left when the programme ends lapses.",
            tokens=formats.tokens(-cents), name=name,
        )  # fmt: skip
    return _(
        "%(tokens)s are still to be set against what you earn next in %(name)s: its rules can take "
        "away, but never from your balance.",
        tokens=formats.tokens(cents), name=name,
    )  # fmt: skip

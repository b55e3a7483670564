"""Letters about a provider that opens an account, or no longer does."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity.people import email_of, person
from app.mail import queue_letter
from app.privacy.service import Actor

# language: subject, text
LINKED = {
    "fr": (
        "{name} ouvre désormais votre compte",
        "Si ce n’était pas vous, retirez ce lien sous « Mes données » et dites-le-nous.\n",
    ),
    "en": (
        "{name} opens your account from now on",
        "If it was not you, end this link under “My data” and tell us.\n",
    ),
}
UNLINKED = {
    "fr": ("{name} n’ouvre plus votre compte", "Si ce n’était pas vous, dites-le-nous.\n"),
    "en": ("{name} no longer opens your account", "If it was not you, tell us.\n"),
}


def tell_linked(session: Session, person_id: UUID, name: str, now: datetime) -> None:
    _tell(session, person_id, LINKED, name, now)


def tell_unlinked(session: Session, person_id: UUID, name: str, now: datetime) -> None:
    _tell(session, person_id, UNLINKED, name, now)


def _tell(
    session: Session,
    person_id: UUID,
    words: dict[str, tuple[str, str]],
    name: str,
    now: datetime,
) -> None:
    """Nobody without an address is written to."""
    to = email_of(session, person_id, purpose="sign_in", actor=Actor.system("openid"))
    if to is not None:
        subject, text = words[person(session, person_id).language]
        queue_letter(session, to=to, subject=subject.format(name=name), text=text, now=now)

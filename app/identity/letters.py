"""A letter to somebody in their language; nobody without an address is written to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity.people import email_of, person
from app.letter_times import worded
from app.mail import queue_letter
from app.privacy.service import Actor

Words = Mapping[str, tuple[str, str]]  # subject and text by language


def write(
    session: Session,
    person_id: UUID,
    words: Words,
    now: datetime,
    *,
    by: Actor,
    **values: str | datetime,
) -> None:
    to = email_of(session, person_id, purpose="sign_in", actor=by)
    if to is None:
        return
    known = person(session, person_id).language
    language = known if known in words else "fr"
    (subject, text), said = words[language], worded(values, language)
    queue_letter(
        session,
        to=to,
        subject=subject.format_map(said),
        text=text.format_map(said),
        now=now,
    )

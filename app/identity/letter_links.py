"""Links in letters that work once, without signing in: all they can do is stop something.

Opening one shows a page and changes nothing, since mailboxes open links by themselves; the page's
button does. Only a hash of the token is kept.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem, define
from app.identity.block_models import LetterLink, LinkKind

WORKS_FOR = timedelta(days=30)
_TOKEN_BYTES = 32

define(
    "link-worn-out",
    410,
    en=(
        "This link does not work any more",
        "It works once, for thirty days.",
        "Sign in and block your wallet under “My data”, or call the city.",
    ),
    fr=(
        "Ce lien ne fonctionne plus",
        "Il sert une fois, pendant trente jours.",
        "Connectez-vous et bloquez votre portefeuille dans « Mes données », ou appelez la ville.",
    ),
)


def make_link(
    session: Session, person_id: UUID, kind: LinkKind, now: datetime, *, about: UUID | None = None
) -> str:
    """The token of a new link, known to nobody but the letter."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        LetterLink(
            token_hash=_hash(token),
            person_id=person_id,
            kind=kind,
            about=about,
            created_at=now,
            expires_at=now + WORKS_FOR,
        )
    )
    session.flush()
    return token


def find_link(session: Session, token: str, now: datetime) -> LetterLink:
    """Raises Problem link-worn-out, the same for a token that never was."""
    found = session.scalar(
        select(LetterLink)
        .where(col(LetterLink.token_hash) == _hash(token))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None or found.used_at is not None or now >= found.expires_at:
        raise Problem("link-worn-out")
    return found


def end_links(session: Session, person_id: UUID, now: datetime) -> None:
    """Those that lie in the mailbox of before stop nothing any more."""
    theirs = update(LetterLink).where(
        col(LetterLink.person_id) == person_id, col(LetterLink.used_at).is_(None)
    )
    session.execute(theirs.values(used_at=now))


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()

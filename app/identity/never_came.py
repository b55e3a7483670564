"""Whoever was named by somebody else, never came, and holds nothing here, is forgotten.

Anybody may type anybody's address, as a representative's or for a role. The rule stands with the
others in app.privacy.retention; this is how it ends a person.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity.mandates.service import end_all
from app.identity.people import close_person
from app.privacy.retention import erases


@erases("person")
def forget(session: Session, person_id: UUID, now: datetime) -> None:
    """Address and keys go, offers that they never answered end; a number stays."""
    end_all(session, person_id, now)
    close_person(session, person_id, now)

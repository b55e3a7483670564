"""Whether somebody works for an organisation: then they decide nothing about it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem
from app.identity.models import RoleGrant


def check_not_own(session: Session, organisation_id: UUID, person: UUID | None) -> None:
    """Nobody decides on their own organisation. Raises Problem not-own-organisation."""
    own = exists().where(
        col(RoleGrant.person_id) == person, col(RoleGrant.organisation_id) == organisation_id
    )
    if session.scalar(select(own)):
        raise Problem("not-own-organisation")

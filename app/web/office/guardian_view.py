"""A guardianship as officers see it; while it waits or holds, whose it is."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from app.context import now
from app.governance import guardianships
from app.governance.models import Proposal, ProposalState
from app.identity import service as identity
from app.identity.mandates import queries as mandate_queries
from app.identity.mandates.models import Mandate
from app.identity.models import Role
from app.privacy.service import Actor
from app.security import principal
from app.web.telling import mandate_words, people_view
from app.web.words import gettext as _


def lines(session: Session, row: Proposal) -> list[str]:
    """Of a proposal: all that the second officer decides on."""
    mandate = session.get_one(Mandate, UUID(row.subject))
    return sentences(session, mandate, names=row.state is ProposalState.OPEN)


def sentences(session: Session, mandate: Mandate, *, names: bool) -> list[str]:
    said = [_("Until %(when)s.", when=people_view.last_day(mandate.until))]
    said += mandate_words.scope_words(mandate.acts, mandate.day_cents)
    if not names or not _both_live(session, mandate):  # afterwards this is nobody's need
        return said
    actor = Actor(principal().person_id, Role.OFFICER.value)
    reference = guardianships.reference_of(session, mandate, actor)
    return [
        _("Ward: %(address)s", address=_address(session, mandate.person_id, actor)),
        _("Guardian: %(address)s", address=_address(session, mandate.representative_id, actor)),
        _("Decision of the court: %(reference)s", reference=reference or ""),
        *said,
    ]


def in_force(session: Session) -> list[Mandate]:
    return mandate_queries.guardianships(session, now())


def _both_live(session: Session, mandate: Mandate) -> bool:
    sides = (mandate.person_id, mandate.representative_id)
    return all(identity.person(session, one).closed_at is None for one in sides)


def _address(session: Session, person_id: UUID, actor: Actor) -> str:
    purpose = guardianships.PURPOSE
    found = identity.email_of(session, person_id, purpose=purpose, actor=actor)
    return found or _("no address")

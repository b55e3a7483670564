"""The alarm: a letter to all of the city's staff, whoever opened emergency access among them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.governance.emergency_models import EmergencyAccess
from app.identity.letters import Words, write
from app.identity.models import RoleGrant
from app.identity.people import email_of
from app.identity.roles import STAFF, in_force
from app.mail import SITE
from app.privacy.service import Actor

_SYSTEM = Actor.system("emergency")
OPENED: Words = {
    "fr": (
        "ALERTE : accès d’urgence ouvert",
        (
            "{who} agit seul, sans seconde personne, jusqu’au {until}.\n\n"
            "Voyez pourquoi, et tout ce qui s’y fait :\n{link}\n\n"
            "Tout agent peut y mettre fin aussitôt. Ensuite, deux autres personnes l’examinent.\n"
            "Si c’est vous et que vous n’avez rien ouvert : mettez-y fin, et prévenez les autres.\n"
        ),
    ),
    "en": (
        "ALARM: emergency access is open",
        (
            "{who} acts alone, without a second person, until {until}.\n\n"
            "See why, and all that is done in it:\n{link}\n\n"
            "Any officer can end it at once. Afterwards two other people look at it.\n"
            "If this is you and you opened nothing: end it, and tell the others.\n"
        ),
    ),
}
_NOBODY = "–"  # who has no address: the page tells by role


def tell_everybody(session: Session, access: EmergencyAccess, now: datetime) -> None:
    staff = select(col(RoleGrant.person_id)).where(col(RoleGrant.role).in_(STAFF), in_force(now))
    values: dict[str, str | datetime] = {
        "who": _address(session, access),
        "until": access.until,
        "link": f"{SITE}/office/emergencies",
    }
    for person_id in sorted(set(session.scalars(staff))):
        write(session, person_id, OPENED, now, by=_SYSTEM, **values)


def _address(session: Session, access: EmergencyAccess) -> str:
    return email_of(session, access.person_id, purpose="emergency", actor=_SYSTEM) or _NOBODY

"""The age band, asked again when its month has come: at the next visit, or at a counter.

Nothing else is blocked meanwhile. What a parent agreed to ends with the band of under fifteen: the
young person decides anew. No birth date is asked or kept.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import Problem, define
from app.identity.ages import Age, AgeBand, confirmed, is_due
from app.identity.models import Person
from app.privacy.consents import end_consents

define(
    "age-not-due",
    409,
    en=("Nobody asks for the age band now", "It is known, or was never asked.", "Reload the page."),
    fr=(
        "La tranche d’âge n’est pas demandée",
        "Elle est connue, ou ne l’a jamais été.",
        "Rechargez la page.",
    ),
)
define(
    "age-needs-papers",
    422,
    en=(
        "This band does not follow from the one before",
        "Nobody knows your birth date here, only the month that was noted then.",
        "Choose the other, or show your papers at a counter.",
    ),
    fr=(
        "Cette tranche ne suit pas la précédente",
        "On ne connaît pas ici votre date de naissance, seulement le mois noté alors.",
        "Choisissez l’autre, ou montrez vos papiers à un guichet.",
    ),
)


def age_due(person: Person, now: datetime) -> bool:
    return person.age_band is not None and is_due(person.age_until, now.date())


def check_may_agree(session: Session, person_id: UUID, *, parent_agrees: bool = False) -> None:
    """To a use that needs consent: under fifteen with a parent, at the counter. Raises Problem
    parent-needed."""
    if session.get_one(Person, person_id).age_band is AgeBand.UNDER_15 and not parent_agrees:
        raise Problem("parent-needed")


def say_age(session: Session, person_id: UUID, said: AgeBand, *, now: datetime) -> Person:
    """Raises Problem age-not-due, age-needs-papers."""
    found = session.get_one(Person, person_id, with_for_update=True, populate_existing=True)
    if found.age_band is None or not age_due(found, now):
        raise Problem("age-not-due", field="band")
    age = confirmed(Age(found.age_band, found.age_until), said, now.date())
    if age is None:
        raise Problem("age-needs-papers", field="band")
    set_age(session, found, age, now)
    return found


def set_age(session: Session, person: Person, age: Age, now: datetime) -> None:
    """However it came to be known."""
    if person.age_band is AgeBand.UNDER_15 and age.band is not AgeBand.UNDER_15:
        end_consents(session, person.id, now)
    person.age_band, person.age_until = age.band, age.until
    session.flush()

"""Letters about stations, to whoever administers them: who guessed there, and who enrolled one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.identity.letters import Words, write
from app.identity.models import Organisation, Role, RoleGrant
from app.identity.roles import in_force
from app.identity.stations.models import Badge, Station
from app.privacy.service import Actor

ADMINISTRATORS = (Role.ATTESTER_ADMIN, Role.MERCHANT)

LOCKED: Words = {
    "fr": (
        "Un code est bloqué chez {body}",
        (
            "Cinq codes faux de suite ont été tapés pour le numéro {number}, en dernier au poste"
            " « {station} » : ce code n’ouvre plus de service.\n\n"
            "Demandez à la personne si c’était elle. Elle choisit un autre code sur sa page.\n"
        ),
    ),
    "en": (
        "A PIN is locked at {body}",
        (
            "Five wrong PINs in a row were typed for the number {number}, the last one at the"
            " station “{station}”: this PIN opens no shift any more.\n\n"
            "Ask the person whether it was them. They choose another PIN on their own page.\n"
        ),
    ),
}
PAUSED: Words = {
    "fr": (
        "Des essais faux au poste « {station} »",
        (
            "Dix badges ou codes faux se sont suivis au poste « {station} » de {body} : il n’ouvre"
            " aucun service pendant un quart d’heure.\n\n"
            "S’il a disparu, supprimez-le sous « Postes ».\n"
        ),
    ),
    "en": (
        "Wrong tries at the station “{station}”",
        (
            "Ten wrong badges or PINs came one after another at the station “{station}” of {body}:"
            " it opens no shift for a quarter of an hour.\n\n"
            "If it went missing, end it under “Stations”.\n"
        ),
    ),
}
ENROLLED: Words = {
    "fr": (
        "Un poste a été enregistré chez {body}",
        (
            "Le navigateur « {station} » peut maintenant ouvrir des services par badge ou code.\n\n"
            "Si vous n’en savez rien, supprimez-le sous « Postes ».\n"
        ),
    ),
    "en": (
        "A station was enrolled at {body}",
        (
            "The browser “{station}” can open shifts by badge or PIN from now on.\n\n"
            "If you know nothing of it, end it under “Stations”.\n"
        ),
    ),
}


def tell_locked(session: Session, badge: Badge, station: Station, now: datetime) -> None:
    """The administrators, and whose PIN it is."""
    _tell(session, station, LOCKED, now, also=badge.person_id, number=str(badge.number))


def tell_paused(session: Session, station: Station, now: datetime) -> None:
    _tell(session, station, PAUSED, now)


def tell_enrolled(session: Session, station: Station, now: datetime) -> None:
    """Who enrolled it as well: it may have been somebody with their session."""
    _tell(session, station, ENROLLED, now)


def _tell(
    session: Session,
    station: Station,
    words: Words,
    now: datetime,
    *,
    also: UUID | None = None,
    **values: str,
) -> None:
    body = session.get_one(Organisation, station.organisation_id).name
    administrators = select(col(RoleGrant.person_id)).where(
        col(RoleGrant.organisation_id) == station.organisation_id,
        col(RoleGrant.role).in_(ADMINISTRATORS),
        in_force(now),
    )
    part = Actor.system("stations")
    for person_id in sorted({*session.scalars(administrators)} | ({also} if also else set())):
        write(session, person_id, words, now, by=part, body=body, station=station.name, **values)

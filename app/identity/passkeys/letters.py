"""Letters about passkeys: whoever else could sign in as somebody, that somebody reads of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem
from app.identity.letters import Words, write
from app.identity.models import Role, RoleGrant
from app.identity.people import email_of
from app.identity.roles import in_force, needs_passkey
from app.privacy.service import Actor

ADDED: Words = {
    "fr": (
        "Une clé d’accès a été ajoutée",
        (
            "La clé d’accès « {name} » permet maintenant de se connecter à votre compte.\n\n"
            "Si ce n’est pas vous : retirez-la sous « Mes données », déconnectez les autres"
            " appareils, et prévenez-nous.\n"
        ),
    ),
    "en": (
        "A passkey was added",
        (
            "The passkey “{name}” can now sign in to your account.\n\n"
            "If it was not you: remove it under “My data”, sign out everywhere else, and tell us.\n"
        ),
    ),
}
REMOVED: Words = {
    "fr": (
        "Une clé d’accès a été retirée",
        (
            "La clé d’accès « {name} » ne sert plus à votre compte.\n\n"
            "Si ce n’est pas vous, prévenez-nous aussitôt.\n"
        ),
    ),
    "en": (
        "A passkey was removed",
        (
            "The passkey “{name}” is of no use to your account any more.\n\n"
            "If it was not you, tell us at once.\n"
        ),
    ),
}
CLONED: Words = {
    "fr": (
        "Une clé d’accès est bloquée",
        (
            "Il existe peut-être une copie de la clé d’accès « {name} » : elle est bloquée.\n\n"
            "Connectez-vous autrement, retirez-la sous « Mes données » et ajoutez-en une autre.\n"
        ),
    ),
    "en": (
        "A passkey is blocked",
        (
            "A copy of the passkey “{name}” may exist: it is blocked.\n\n"
            "Sign in in another way, remove it under “My data” and add another one.\n"
        ),
    ),
}
FIRST: Words = {
    "fr": (
        "Première clé d’accès de {email}",
        (
            "{email} a ajouté sa première clé d’accès : ses rôles comptent désormais.\n\n"
            "Demandez-lui de vive voix si c’est bien le cas. Sinon, terminez ses rôles sous"
            " Service, Personnes.\n"
        ),
    ),
    "en": (
        "First passkey of {email}",
        (
            "{email} added their first passkey: their roles count from now on.\n\n"
            "Ask them in person whether this is so. If not, end their roles at Office, People.\n"
        ),
    ),
}


def tell_added(session: Session, person_id: UUID, name: str, now: datetime) -> None:
    write(session, person_id, ADDED, now, by=Actor.subject(person_id), name=name)


def tell_removed(session: Session, person_id: UUID, name: str, now: datetime) -> None:
    write(session, person_id, REMOVED, now, by=Actor.subject(person_id), name=name)


def tell_cloned(session: Session, person_id: UUID, name: str, now: datetime) -> None:
    write(session, person_id, CLONED, now, by=Actor.system("passkeys"), name=name)


def tell_officers(session: Session, person_id: UUID, now: datetime) -> None:
    """Of the first passkey of somebody whose roles it makes count; the other officers."""
    if not needs_passkey(session, person_id, now):
        return
    part = Actor.system("passkeys")
    try:
        email = email_of(session, person_id, purpose="roles", actor=part)
    except Problem as problem:
        if problem.code != "use-halted":
            raise
        email = None  # who restricted the use of it is told of without it
    officers = select(col(RoleGrant.person_id)).where(
        col(RoleGrant.role) == Role.OFFICER, col(RoleGrant.person_id) != person_id, in_force(now)
    )
    for officer in sorted(set(session.scalars(officers))):
        write(session, officer, FIRST, now, by=part, email=email or "")

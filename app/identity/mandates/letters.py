"""Letters about acting for somebody else: both sides read of a naming, an acceptance, an end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity.mandates.models import Mandate
from app.identity.people import email_of, person
from app.letter_times import moment
from app.mail import SITE, queue_letter
from app.privacy.service import Actor

Words = Mapping[str, tuple[str, str]]
PURPOSE = "representation"
_SYSTEM = Actor.system("representation")
_PAGE = f"{SITE}/me/representatives"

NAMED: Words = {
    "fr": (
        "On vous demande d’agir pour quelqu’un",
        (
            "Une personne vous nomme pour agir à sa place dans Civis ({whose}).\n"
            "Rien ne vaut avant votre accord. Lisez et décidez ici, jusqu’au {until} :\n{page}\n"
        ),
    ),
    "en": (
        "Somebody asks you to act for them",
        (
            "A person names you to act in their place in Civis ({whose}).\n"
            "Nothing holds before you accept. Read it and decide here, until {until}:\n{page}\n"
        ),
    ),
}
NAMING: Words = {
    "fr": (
        "Vous avez nommé quelqu’un pour agir à votre place",
        (
            "La personne que vous avez nommée doit encore accepter.\n"
            "Ce n’était pas vous, ou vous changez d’avis ? Mettez-y fin ici :\n{page}\n"
        ),
    ),
    "en": (
        "You named somebody to act in your place",
        (
            "The person that you named must still accept.\n"
            "That wasn’t you, or you changed your mind? End it here:\n{page}\n"
        ),
    ),
}
ACCEPTED: Words = {
    "fr": (
        "La personne que vous avez nommée accepte",
        (
            "Elle peut maintenant agir pour vous, jusqu’au {until}, dans ce que vous avez permis.\n"
            "Chaque acte vous est montré, et vous y mettez fin à tout moment :\n{page}\n"
        ),
    ),
    "en": (
        "The person that you named accepts",
        (
            "They may act for you now, until {until}, within what you allowed.\n"
            "Each act is shown to you, and you can end it at any moment:\n{page}\n"
        ),
    ),
}
ENDED: Words = {
    "fr": (
        "Un mandat a pris fin",
        "Plus personne n’agit en son nom. Vos mandats, reçus et donnés :\n{page}\n",
    ),
    "en": (
        "A mandate has ended",
        "Nobody acts under it any more. Who acts for you and for whom you act:\n{page}\n",
    ),
}
GUARDIAN: Words = {
    "fr": (
        "Un tuteur est inscrit pour votre compte",
        (
            "Deux agents de la ville ont inscrit une personne qui agit pour vous, jusqu’au\n"
            "{until}, d’après une décision de justice. Si vous n’êtes pas d’accord,\n"
            "opposez-vous ici ou au guichet : un agent vous répond dans le mois.\n{page}\n"
        ),
    ),
    "en": (
        "A guardian is entered for your account",
        (
            "Two officers of the city have entered a person who acts for you until {until},\n"
            "after a decision of a court. If you disagree, object here or at the counter: an\n"
            "officer answers within a month.\n{page}\n"
        ),
    ),
}
AS_GUARDIAN: Words = {
    "fr": (
        "Vous êtes inscrit comme tuteur",
        "Jusqu’au {until}. Ce que vous pouvez faire pour la personne :\n{page}\n",
    ),
    "en": (
        "You are entered as a guardian",
        "Until {until}. What you may do for the person:\n{page}\n",
    ),
}
SOMEBODY = {"fr": "par une carte, sans adresse", "en": "by a card, without an address"}


def tell_offered(session: Session, mandate: Mandate, now: datetime) -> None:
    whose = email_of(session, mandate.person_id, purpose=PURPOSE, actor=_SYSTEM)
    _tell(session, mandate, mandate.representative_id, NAMED, now, whose=whose)
    _tell(session, mandate, mandate.person_id, NAMING, now)


def tell_accepted(session: Session, mandate: Mandate, now: datetime) -> None:
    _tell(session, mandate, mandate.person_id, ACCEPTED, now)


def tell_ended(session: Session, mandate: Mandate, now: datetime) -> None:
    for side in (mandate.person_id, mandate.representative_id):
        _tell(session, mandate, side, ENDED, now)


def tell_guardianship(session: Session, mandate: Mandate, now: datetime) -> None:
    _tell(session, mandate, mandate.person_id, GUARDIAN, now)
    _tell(session, mandate, mandate.representative_id, AS_GUARDIAN, now)


def _tell(
    session: Session,
    mandate: Mandate,
    to: UUID,
    words: Words,
    now: datetime,
    *,
    whose: str | None = None,
) -> None:
    """Nothing for a person without an address, who reads it at the counter."""
    address = email_of(session, to, purpose="service_mail", actor=_SYSTEM)
    if address is None:
        return
    language = person(session, to).language
    subject, text = words[language]
    values = {"until": moment(mandate.until, language), "page": _PAGE}
    said = text.format(whose=whose or SOMEBODY[language], **values)
    queue_letter(session, to=address, subject=subject, text=said, now=now)

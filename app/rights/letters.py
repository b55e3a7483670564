"""Letters about requests and about the end of an account; nobody without an address gets any."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.identity.people import email_of, person
from app.letter_times import day
from app.mail import AUTHORITY, queue_letter
from app.privacy.service import Actor
from app.rights.models import RightsRequest

Words = Mapping[str, tuple[str, str]]

RECEIVED: Words = {
    "fr": (
        "Votre demande sur vos données est reçue",
        (
            "Votre demande est enregistrée. Réponse au plus tard le {due}. Elle se suit sur votre"
            " page « Mes données ».\n"
        ),
    ),
    "en": (
        "Your request about your data has arrived",
        (
            "Your request is on record. You will have an answer by {due}. Follow it on your page"
            " “My data”.\n"
        ),
    ),
}
ANSWERED: Words = {
    "fr": (
        "Une réponse à votre demande",
        (
            "Une personne a répondu à votre demande. La réponse est sur votre page « Mes données »."
            " Si elle ne vous convient pas, vous pouvez saisir l’autorité de contrôle :"
            f" {AUTHORITY}.\n"
        ),
    ),
    "en": (
        "An answer to your request",
        (
            "A person has answered your request. The answer is on your page “My data”. If it does"
            f" not satisfy you, you can complain to the supervisory authority: {AUTHORITY}.\n"
        ),
    ),
}
EXTENDED: Words = {
    "fr": (
        "Votre demande prendra plus de temps",
        (
            "La réponse viendra au plus tard le {due} ; la raison est sur votre"
            " page « Mes données ».\n"
        ),
    ),
    "en": (
        "Your request will take longer",
        "The answer will come by {due}; the reason is on your page “My data”.\n",
    ),
}


def tell_received(session: Session, request: RightsRequest, now: datetime) -> None:
    _tell(session, request, RECEIVED, now)


def tell_answered(session: Session, request: RightsRequest, now: datetime) -> None:
    _tell(session, request, ANSWERED, now)


def tell_extended(session: Session, request: RightsRequest, now: datetime) -> None:
    _tell(session, request, EXTENDED, now)


def _tell(session: Session, request: RightsRequest, words: Words, now: datetime) -> None:
    actor = Actor.system("rights")
    to = email_of(session, request.person_id, purpose="service_mail", actor=actor)
    if to is None:
        return
    language = person(session, request.person_id).language
    subject, text = words[language]
    due = day(request.due_at, language)
    queue_letter(session, to=to, subject=subject, text=text.format(due=due), now=now)

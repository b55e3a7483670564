"""Letters about a deed: credited, refused, an appeal answered. Rows beside what they announce."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.actions.codes import explain
from app.actions.models import Action, Appeal
from app.identity.people import email_of, person
from app.impact.catalogue import catalogue
from app.mail import queue_letter
from app.privacy.service import Actor
from app.rewards.explain import tokens

CREDITED = {
    "fr": ("{tokens} sur votre compte", "{action} du {day} : {tokens} sont sur votre compte.\n"),
    "en": ("{tokens} on your account", "{action} of {day}: {tokens} are on your account.\n"),
}
REFUSED = {
    "fr": (
        "Action refusée : {action}",
        "{action} du {day} n'est pas retenue.\n{why}\n{remedy}\n",
    ),
    "en": ("Deed refused: {action}", "{action} of {day} is not counted.\n{why}\n{remedy}\n"),
}
ANSWERED = {
    "fr": (
        "Réponse à votre contestation",
        "Une personne a relu votre contestation. La réponse est sur votre page.\n",
    ),
    "en": (
        "An answer to your appeal",
        "A person has read your appeal. The answer is on your page.\n",
    ),
}
Words = Mapping[str, tuple[str, str]]


def tell_credited(session: Session, action: Action, now: datetime) -> None:
    """Called when the batch is final."""
    language = person(session, action.person_id).language
    _tell(session, action, CREDITED, now, tokens=tokens(action.reward_cents, language))


def tell_refused(session: Session, action: Action, now: datetime) -> None:
    language = person(session, action.person_id).language
    why, remedy = explain(action.reason_code or "", language, action.reason_values)
    _tell(session, action, REFUSED, now, why=why, remedy=remedy)


def tell_answered(session: Session, appeal: Appeal, now: datetime) -> None:
    _tell(session, session.get_one(Action, appeal.action_id), ANSWERED, now)


def _tell(session: Session, action: Action, words: Words, now: datetime, **values: str) -> None:
    """Nobody without an address is written to."""
    to = email_of(
        session,
        action.person_id,
        purpose="service_mail",
        actor=Actor.system("letters"),
    )
    if to is None:
        return
    language = person(session, action.person_id).language
    entry = catalogue().action_type(action.action_type_id, action.action_type_version)
    subject, text = words.get(language, words["fr"])
    values |= {"action": entry.name[language], "day": action.deed_day.isoformat()}
    queue_letter(
        session,
        to=to,
        subject=subject.format_map(values),
        text=text.format_map(values),
        now=now,
    )

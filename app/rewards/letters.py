"""Letters about a deed: credited, refused, an appeal answered. Rows beside what they announce."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.codes import explain, explain_reversal
from app.actions.models import Action, ActionState, Appeal
from app.identity.models import Person
from app.identity.people import email_of, person
from app.impact.catalogue import catalogue
from app.letter_times import date_words
from app.mail import queue_letter
from app.privacy.service import Actor
from app.rewards.language.figures import amount as tokens

CREDITED = {
    "fr": (
        "{tokens} sur votre compte",
        "{tokens} sur votre compte. Gestes comptés : {deeds}.\n",
    ),
    "en": ("{tokens} on your account", "{tokens} on your account. Deeds counted: {deeds}.\n"),
}
REFUSED = {
    "fr": (
        "Geste refusé : {action}",
        "{action} du {day} n’est pas retenu.\n{why}\n{remedy}\n",
    ),
    "en": ("Deed refused: {action}", "{action} of {day} is not counted.\n{why}\n{remedy}\n"),
}
REVERSED = {
    "fr": (
        "Geste retiré des chiffres : {action}",
        "{action} du {day} n’est plus compté.\n{why}\n{remedy}\n",
    ),
    "en": (
        "Deed taken out of the figures: {action}",
        "{action} of {day} counts no more.\n{why}\n{remedy}\n",
    ),
}
COMPLETED = {
    "fr": (
        "Geste complété : {action}",
        (
            "Il manquait une information à {action} du {day}. Deux agents l’ont trouvée :"
            " votre page dit ce que le geste rapporte, et pourquoi.\n"
        ),
    ),
    "en": (
        "Deed completed: {action}",
        (
            "Something was missing of {action} of {day}. Two officers found it out:"
            " your page says what the deed brings, and why.\n"
        ),
    ),
}
ANSWERED = {
    "fr": (
        "Réponse à votre recours",
        "Une personne a relu votre recours. La réponse est sur votre page.\n",
    ),
    "en": (
        "An answer to your appeal",
        "A person has read your appeal. The answer is on your page.\n",
    ),
}
ANSWERED_WAITS = {
    "fr": (
        ANSWERED["fr"][0],
        ANSWERED["fr"][1] + "Votre geste attend encore : votre page dit ce qu’il reste à savoir.\n",
    ),
    "en": (
        ANSWERED["en"][0],
        ANSWERED["en"][1] + "Your deed waits still: your page says what is to be found out.\n",
    ),
}
Words = Mapping[str, tuple[str, str]]


def tell_credited(session: Session, batch_id: bytes, now: datetime) -> int:
    """One letter to each person that a final batch credited; how many had an address."""
    query = (
        select(
            col(Action.person_id), func.count().label("deeds"), func.sum(col(Action.reward_cents))
        )
        .join(Person, col(Person.id) == col(Action.person_id))
        .where(
            col(Action.batch_id) == batch_id,
            col(Action.reward_cents) > 0,
            col(Person.email_sealed).is_not(None),
            col(Person.closed_at).is_(None),
        )
        .group_by(col(Action.person_id))
    )
    credited = session.execute(query).all()
    for person_id, deeds, cents in credited:
        amount = tokens(int(cents), person(session, person_id).language)
        write(session, person_id, CREDITED, now, tokens=amount, deeds=str(deeds))
    return len(credited)


def tell_refused(session: Session, action: Action, now: datetime) -> None:
    language = person(session, action.person_id).language
    why, remedy = explain(action.reason_code or "", language, action.reason_values)
    _tell(session, action, REFUSED, now, why=why, remedy=remedy)


def tell_reversed(session: Session, action: Action, now: datetime) -> None:
    language = person(session, action.person_id).language
    why, remedy = explain_reversal(action.reason_code or "", language, action.reason_values)
    _tell(session, action, REVERSED, now, why=why, remedy=remedy)


def tell_completed(session: Session, action: Action, now: datetime) -> None:
    _tell(session, action, COMPLETED, now)


def tell_answered(session: Session, appeal: Appeal, now: datetime) -> None:
    action = session.get_one(Action, appeal.action_id)
    waits = action.state is ActionState.RECORDED
    _tell(session, action, ANSWERED_WAITS if waits else ANSWERED, now)


def _tell(session: Session, action: Action, words: Words, now: datetime, **values: str) -> None:
    language = person(session, action.person_id).language
    entry = catalogue().action_type(action.action_type_id, action.action_type_version)
    values |= {"action": entry.name[language], "day": date_words(action.deed_day, language)}
    write(session, action.person_id, words, now, **values)


def write(session: Session, person_id: UUID, words: Words, now: datetime, **values: str) -> None:
    """Nobody without an address is written to."""
    actor = Actor.system("letters")
    to = email_of(session, person_id, purpose="service_mail", actor=actor)
    if to is None:
        return
    language = person(session, person_id).language
    subject, text = words.get(language, words["fr"])
    queue_letter(
        session,
        to=to,
        subject=subject.format_map(values),
        text=text.format_map(values),
        now=now,
    )

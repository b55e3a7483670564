"""The letter that says what ends, when, and what to do with the tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.identity.mandates.models import Act, Mandate
from app.identity.mandates.queries import in_force
from app.identity.models import Account, Person
from app.identity.people import email_of
from app.letter_times import date_words
from app.mail import SITE, queue_letter
from app.privacy.service import Actor
from app.rewards.language.figures import amount as tokens
from app.rewards.models import Programme
from app.rewards.money.ledger import owned

ENDING = {
    "fr": (
        "{name} se termine : dépensez vos jetons jusqu’au {spend}",
        (
            "Le programme « {name} » se termine.\n\n"
            "Dernier jour pour gagner des jetons : {earn}.\n"
            "Dernier jour pour les dépenser : {spend}.\n"
            "Sur votre compte à ce jour : {balance}.\n\n"
            "Dépensez-les dans les commerces qui les acceptent, ou donnez-les à une association.\n"
            "Ce qui n’est pas dépensé ce jour-là expire et retourne au financeur.\n"
            "Les commerces : {site}/me\n"
        ),
    ),
    "en": (
        "{name} ends: spend your tokens until {spend}",
        (
            "The programme “{name}” ends.\n\n"
            "Last day to earn tokens: {earn}.\n"
            "Last day to spend them: {spend}.\n"
            "On your account today: {balance}.\n\n"
            "Spend them in the shops that take them, or give them to an association.\n"
            "What is not spent on that day expires and goes back to the funder.\n"
            "The shops: {site}/me\n"
        ),
    ),
}
FOR_ANOTHER = {
    "fr": (
        "{name} se termine : une personne pour qui vous agissez y a un compte",
        (
            "Le programme « {name} » se termine. Vous agissez pour quelqu’un qui y a un compte.\n\n"
            "Dernier jour pour gagner des jetons : {earn}.\n"
            "Dernier jour pour les dépenser : {spend}.\n"
            "Ce qui n’est pas dépensé ce jour-là expire et retourne au financeur.\n"
            "Le solde est sur la page de cette personne : {site}/me/representatives\n"
        ),
    ),
    "en": (
        "{name} ends: somebody for whom you act has an account there",
        (
            "The programme “{name}” ends, and you act for somebody who has an account there.\n\n"
            "Last day to earn tokens: {earn}.\n"
            "Last day to spend them: {spend}.\n"
            "What is not spent on that day expires and goes back to the funder.\n"
            "Their page says what is on it: {site}/me/representatives\n"
        ),
    ),
}
SHORT = {
    "fr": "\nCalendrier court, de démonstration : une vraie ville laisse plus de temps.\n",
    "en": "\nShort timetable of the demo: a real city leaves more time.\n",
}
_ACTOR = Actor.system("letters")


def tell_ending(session: Session, programme: Programme, person: Person, now: datetime) -> bool:
    """To the person and to whoever sees or spends for them; whether anybody had an address."""
    balance = _balance(session, programme, person)
    reached = [_tell(session, programme, person, ENDING, now, balance=balance)]
    reached += [
        _tell(session, programme, one, FOR_ANOTHER, now)
        for one in _representatives(session, person, now)
    ]
    return any(reached)


def _representatives(session: Session, person: Person, now: datetime) -> Sequence[Person]:
    acts = or_(*(func.jsonb_exists(col(Mandate.acts), act.value) for act in (Act.SEE, Act.PAY)))
    query = (
        select(Person)
        .join(Mandate, col(Mandate.representative_id) == col(Person.id))
        .where(col(Mandate.person_id) == person.id, in_force(now), acts)
    )
    return session.scalars(query.distinct().order_by(col(Person.id))).all()


def _tell(
    session: Session,
    programme: Programme,
    reader: Person,
    words: Mapping[str, tuple[str, str]],
    now: datetime,
    *,
    balance: int = 0,
) -> bool:
    to = email_of(session, reader.id, purpose="service_mail", actor=_ACTOR)
    if to is None:
        return False
    language = reader.language
    subject, text = words[language]
    said = {
        "name": programme.name[language],
        "earn": date_words(programme.last_day_to_earn, language),
        "spend": date_words(programme.last_day_to_spend, language),
        "balance": tokens(balance, language),
        "site": SITE,
    }
    text = text.format(**said) + (SHORT[language] if programme.short_timetable else "")
    queue_letter(session, to=to, subject=subject.format(**said), text=text, now=now)
    return True


def _balance(session: Session, programme: Programme, person: Person) -> int:
    own = select(col(Account.address)).where(
        col(Account.person_id) == person.id,
        col(Account.programme_id) == programme.id,
        col(Account.replaced_at).is_(None),
    )
    return sum(owned(session, address, programme.id) for address in session.scalars(own))

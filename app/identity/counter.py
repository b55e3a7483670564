"""The city's counter: who stands there, found by card, by one-minute code or by e-mail address.

An officer sees a person only while a visit lasts, and each visit is a look that the person reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.db import uuid7
from app.errors import NotFound, Problem
from app.identity.cards.models import CounterVisit, Shown
from app.identity.cards.numbers import read_number
from app.identity.cards.service import CardSigner, card_of_number, set_pin
from app.identity.cards.service import give_card as give
from app.identity.models import Organisation, OrganisationKind, Person, Role
from app.identity.organisations import create_organisation
from app.identity.people import person_by_email, set_email
from app.identity.presence import identify_by_code
from app.identity.sign_in import prove_email, request_sign_in
from app.identity.tries import count_try, take_turns, tries
from app.privacy.service import Actor, Ref, open_sealed, record_access, seal

LASTS = timedelta(minutes=15)
PURPOSE = "counter"
SEEN = ["balance", "card", "deeds", "looks", "payments"]
WINDOW = 600
WRONG_PER_OFFICER = 20


def visit_by_card(session: Session, typed: str, *, officer: UUID, now: datetime) -> CounterVisit:
    """By any number that was theirs, the one of a lost card too. Raises Problem card-unknown."""
    _check_tries(session, officer, now)
    card, number = card_of_number(session, typed), read_number(typed)
    if card is None or number is None:
        _count_wrong(session, officer, now)
        raise Problem("card-unknown", field="card_number", keep=True)
    return _open(session, card.person_id, officer, now, shown=Shown.CARD, number=number)


def visit_by_code(
    session: Session, short_number: str, time_code: str, *, officer: UUID, now: datetime
) -> CounterVisit:
    """By what their telephone shows. Raises Problem as `identify_by_code` does."""
    place = _city(session, now)
    by = Actor(officer, Role.OFFICER.value)
    person = identify_by_code(session, place, short_number, time_code, now, by=by)
    return _open(session, person, officer, now, shown=Shown.CODE)


def visit_by_email(session: Session, email: str, *, officer: UUID, now: datetime) -> CounterVisit:
    """By an address that they say. Raises Problem counter-person-unknown."""
    _check_tries(session, officer, now)
    person = person_by_email(session, email)
    if person is None:
        _count_wrong(session, officer, now)
        raise Problem("counter-person-unknown", field="email", keep=True)
    return _open(session, person.id, officer, now, shown=Shown.ADDRESS)


def live_visit(session: Session, visit_id: UUID, *, officer: UUID, now: datetime) -> CounterVisit:
    """Raises NotFound counter-over for another officer's, or once its time has passed."""
    visit = session.get(CounterVisit, visit_id)
    if visit is None or visit.officer_id != officer or visit.expires_at <= now:
        raise NotFound("counter-over")
    return visit


def check_shown(visit: CounterVisit) -> None:
    """Before what one officer alone must not do to whoever's address they know: hand out, give a
    card, enter a consent, let a use go on, close. Raises Problem counter-not-shown."""
    if visit.shown is Shown.ADDRESS:
        raise Problem("counter-not-shown")


def check_no_address(session: Session, visit: CounterVisit) -> None:
    """Whoever has an address has it changed by two officers (app.recovery).

    Raises Problem counter-not-shown, counter-has-address.
    """
    check_shown(visit)
    if session.get_one(Person, visit.person_id).email_lookup is not None:
        raise Problem("counter-has-address", field="email")


def number_of(session: Session, visit: CounterVisit) -> str | None:
    """The number that was shown; None for who was found otherwise."""
    if visit.number_sealed is None:
        return None
    place, sealed = _place(visit.id), visit.number_sealed
    return open_sealed(
        session, visit.person_id, place, sealed, purpose=PURPOSE, actor=_actor(visit)
    )


def choose_pin(
    session: Session, visit: CounterVisit, pin: str, *, signer: CardSigner, now: datetime
) -> None:
    """Of the card that was shown. Raises Problem card-number-needed."""
    number = number_of(session, visit)
    if number is None:
        raise Problem("card-number-needed")
    set_pin(session, number, pin, signer=signer, by=visit.officer_id, now=now)


def give_card(
    session: Session,
    visit: CounterVisit,
    typed: str,
    pin: str,
    *,
    signer: CardSigner,
    now: datetime,
) -> None:
    """A made card with the PIN that the person chose; their older ones end."""
    check_shown(visit)
    by, old, give_to = visit.officer_id, number_of(session, visit), visit.person_id
    give(session, typed, give_to, old_number=old, signer=signer, by=by, now=now)
    set_pin(session, typed, pin, signer=signer, by=by, now=now)
    show_number(session, visit, read_number(typed) or "")


def ask_email(
    session: Session, visit: CounterVisit, email: str, language: str, now: datetime, *, caller: str
) -> UUID:
    """Sends a code to the address; who reads it there types it. Gives the code's challenge."""
    check_no_address(session, visit)
    return request_sign_in(session, email, language, now, caller=caller)


def take_email(
    session: Session,
    visit: CounterVisit,
    *,
    email: str,
    code: str,
    challenge: UUID | None,
    pin: str,
    signer: CardSigner,
    now: datetime,
) -> None:
    """An address for the holder of a card who has none, who types the code sent there and their
    PIN. From then on they may sign in as well. Raises Problem; all keep what was counted.
    """
    check_no_address(session, visit)
    number = number_of(session, visit)
    if number is None:
        raise Problem("card-number-needed")
    prove_email(session, email, code, now, challenge=challenge)
    set_email(session, visit.person_id, email)
    signer.open_card_to_sessions(number, pin)


def show_number(session: Session, visit: CounterVisit, number: str) -> None:
    """From now on the visit is by this card, which the person was just given."""
    visit.number_sealed = seal(session, visit.person_id, _place(visit.id), number)
    session.flush()


def note_look(session: Session, visit: CounterVisit, resource: str, fields: list[str]) -> None:
    """What the officer opened or handed out besides; the person reads it."""
    person, actor = visit.person_id, _actor(visit)
    record_access(session, person, resource=resource, fields=fields, purpose=PURPOSE, actor=actor)


def visits_of(session: Session, officer: UUID, now: datetime) -> Sequence[CounterVisit]:
    """Those that last, newest first."""
    query = select(CounterVisit).where(
        col(CounterVisit.officer_id) == officer, col(CounterVisit.expires_at) > now
    )
    return session.scalars(query.order_by(col(CounterVisit.id).desc())).all()


def _open(
    session: Session,
    person: UUID,
    officer: UUID,
    now: datetime,
    *,
    shown: Shown,
    number: str | None = None,
) -> CounterVisit:
    if person == officer:
        raise Problem("counter-oneself")
    visit = CounterVisit(
        id=uuid7(),
        officer_id=officer,
        person_id=person,
        shown=shown,
        at=now,
        expires_at=now + LASTS,
    )
    session.add(visit)
    session.flush()
    actor = _actor(visit)
    record_access(session, person, resource=PURPOSE, fields=SEEN, purpose=PURPOSE, actor=actor)
    if number is not None:
        show_number(session, visit, number)
    return visit


def _check_tries(session: Session, officer: UUID, now: datetime) -> None:
    take_turns(session, "counter", officer.bytes)
    if tries(session, "counter", officer.bytes, WINDOW, now) >= WRONG_PER_OFFICER:
        raise Problem("card-too-many-tries", keep=True)


def _count_wrong(session: Session, officer: UUID, now: datetime) -> None:
    count_try(session, "counter", officer.bytes, WINDOW, now)


def _city(session: Session, now: datetime) -> UUID:
    """The city's own counter, as the list of where a code was used names it."""
    city = select(col(Organisation.id)).where(col(Organisation.kind) == OrganisationKind.CITY)
    found = session.scalar(city.order_by(col(Organisation.id)).limit(1))
    if found is not None:
        return found
    kind = OrganisationKind.CITY
    return create_organisation(session, slug="city", kind=kind, name="City / Ville", now=now).id


def _actor(visit: CounterVisit) -> Actor:
    return Actor(visit.officer_id, Role.OFFICER.value)


def _place(visit_id: UUID) -> Ref:
    return Ref("counter_visit", "number_sealed", visit_id)

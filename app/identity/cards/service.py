"""Paper cards: made in batches, recognised, given out, ended. Callers commit.

The signer is told first: what it refuses is not written here, and what it did may be asked again.
A number is in the hands of whoever holds the card; here lies a keyed hash of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.errors import NotFound, Problem
from app.identity.cards import problems as card_problems
from app.identity.cards.models import LIVE, Card, CardBatch, CardState
from app.identity.cards.numbers import in_groups, is_easy, is_pin, new_number, read_number
from app.identity.models import IdentityLevel
from app.identity.people import close_person, register_person
from app.identity.presence import check_organisation_tries, count_wrong
from app.privacy.service import Actor, keyed_hash, record_access

__all__ = ["card_problems"]


class CardRegister(Protocol):
    """Who keeps cards for the signer: app.chain.signer.SignerClient."""

    def register_cards(self, numbers: Sequence[str], people: Sequence[UUID]) -> None: ...


class CardSigner(Protocol):
    """The signer on behalf of an officer: app.chain.signer.SessionSigner."""

    def set_pin(self, number: str, pin: str) -> None: ...
    def take_over_card(self, number: str, person_id: UUID, old_number: str | None) -> None: ...
    def end_cards(self, person_id: UUID) -> None: ...
    def open_card_to_sessions(self, number: str, pin: str) -> None: ...


def make_batch(session: Session, *, count: int, by: UUID | None, now: datetime) -> CardBatch:
    """Cards to be printed; there are none of them until then."""
    batch = CardBatch(count=count, made_by=by, made_at=now)
    session.add(batch)
    session.flush()
    return batch


def print_batch(
    session: Session,
    batch_id: UUID,
    *,
    by: UUID | None,
    signer: CardRegister,
    now: datetime,
    simulated: bool = False,
) -> list[str]:
    """The numbers of the batch, in groups, this once. Raises Problem card-batch-printed."""
    batch = session.get(CardBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None or batch.made_by != by:
        raise NotFound
    if batch.printed_at is not None:
        raise Problem("card-batch-printed")
    numbers = [new_number() for _ in range(batch.count)]
    make_cards(session, batch, numbers, signer=signer, now=now, simulated=simulated)
    return [in_groups(number) for number in numbers]


def make_cards(
    session: Session,
    batch: CardBatch,
    numbers: Sequence[str],
    *,
    signer: CardRegister,
    now: datetime,
    simulated: bool,
) -> None:
    """A card and a person for each number; told to the signer first."""
    batch.printed_at = now
    level = IdentityLevel.CARD
    people = {
        number: register_person(session, None, level=level, now=now, simulated=simulated).id
        for number in numbers
    }
    signer.register_cards(list(people), list(people.values()))
    session.add_all(_made(session, batch, number, people[number], now) for number in people)
    session.flush()


def _made(session: Session, batch: CardBatch, number: str, person: UUID, now: datetime) -> Card:
    return Card(
        batch_id=batch.id,
        number_lookup=_lookup(session, number),
        person_id=person,
        state=CardState.MADE,
        made_at=now,
    )


def batches_to_print(session: Session, by: UUID) -> Sequence[CardBatch]:
    """What an officer opened and has not printed, newest first."""
    query = select(CardBatch).where(
        col(CardBatch.made_by) == by, col(CardBatch.printed_at).is_(None)
    )
    return session.scalars(query.order_by(col(CardBatch.id).desc())).all()


def card_of_number(session: Session, typed: str) -> Card | None:
    """The card with this number, whatever its state."""
    number = read_number(typed)
    if number is None:
        return None
    lookup = _lookup(session, number)
    return session.scalar(select(Card).where(col(Card.number_lookup) == lookup))


def identify_by_card(
    session: Session, organisation_id: UUID, typed: str, now: datetime, *, by: Actor
) -> UUID:
    """Who holds the card that an attester was shown; no PIN, so nothing but earning comes of it.

    Wrong numbers count with the organisation's wrong codes. The look is recorded.
    """
    check_organisation_tries(session, organisation_id, now)
    card = card_of_number(session, typed)
    if card is None:
        count_wrong(session, organisation_id, now)
        raise Problem("card-unknown", field="card_number", keep=True)
    check_live(card)
    record_access(
        session, card.person_id, resource="card", fields=["card"], purpose="presence", actor=by
    )
    return card.person_id


def check_live(card: Card) -> None:
    if card.state not in LIVE:
        raise Problem("card-ended", field="card_number")


def cards_of(session: Session, person_id: UUID) -> Sequence[Card]:
    """All cards of a person, newest first."""
    query = select(Card).where(col(Card.person_id) == person_id)
    return session.scalars(query.order_by(col(Card.made_at).desc(), col(Card.id).desc())).all()


def live_card(session: Session, person_id: UUID) -> Card | None:
    return next((card for card in cards_of(session, person_id) if card.state in LIVE), None)


def check_pin(pin: str, again: str) -> str:
    """The PIN that its holder chose. Raises Problem."""
    if pin != again:
        raise Problem("pin-unlike", field="pin_again")
    if not is_pin(pin):
        raise Problem("pin-wrong-form", field="pin")
    if is_easy(pin):
        raise Problem("pin-easy", field="pin")
    return pin


def set_pin(
    session: Session, number: str, pin: str, *, signer: CardSigner, by: UUID, now: datetime
) -> Card:
    """The first PIN activates the card; a later one takes the place of the one before."""
    card = _locked(session, number)
    check_live(card)
    signer.set_pin(number, pin)
    if card.state is CardState.MADE:
        card.state, card.activated_at = CardState.ACTIVE, now
    card.changed_by = by
    session.flush()
    return card


def block_cards(
    session: Session, person_id: UUID, *, signer: CardSigner, by: UUID, now: datetime
) -> None:
    """At once and for good; what was earned stays, and another card opens it."""
    signer.end_cards(person_id)
    block_rows(session, person_id, by=by, now=now)


def block_rows(session: Session, person_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """What the application knows of it, once the signer has ended them."""
    for card in cards_of(session, person_id):
        _end(session, card, CardState.BLOCKED, by, now)
    session.flush()


def give_card(
    session: Session,
    number: str,
    person_id: UUID,
    *,
    old_number: str | None,
    signer: CardSigner,
    by: UUID,
    now: datetime,
) -> Card:
    """A made card, with which nothing was earned, becomes this person's only one.

    The person whom it was made for never existed for anybody and is closed.
    """
    card = _locked(session, number)
    if card.person_id == person_id:
        return card
    if card.state is not CardState.MADE:
        raise Problem("card-in-use", field="card_number")
    signer.take_over_card(number, person_id, old_number)
    for other in cards_of(session, person_id):
        _end(session, other, CardState.REPLACED, by, now)
    session.flush()
    nobody, card.person_id = card.person_id, person_id
    session.flush()
    close_person(session, nobody, now)
    return card


def _end(session: Session, card: Card, state: CardState, by: UUID | None, now: datetime) -> None:
    if card.state in LIVE:
        journal.note(session, journal.CARD_BLOCKED, now, card=card.id)
        card.state, card.ended_at, card.changed_by = state, now, by


def _locked(session: Session, number: str) -> Card:
    found = card_of_number(session, number)
    if found is None:
        raise Problem("card-unknown", field="card_number")
    return session.get_one(Card, found.id, with_for_update=True, populate_existing=True)


def _lookup(session: Session, number: str) -> bytes:
    return keyed_hash(session, "card", number)

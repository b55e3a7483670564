"""A few paper cards of the simulated city; their numbers are public, as no real card's ever is.

The first was given out and has earned; the others lie on the pile.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlmodel import col

from app.actions.models import Action
from app.demo.city import PlannedDeed
from app.demo.deeds import Recorder
from app.demo.world import World
from app.identity.cards import service as cards
from app.identity.cards.demo import DEMO_CARDS, DEMO_PIN
from app.identity.cards.models import Card, CardState

DEEDS = 6  # of glass, one a day: enough for bread


def make_cards(world: World) -> None:
    """Printed, the first with six deeds, then given out by the officer."""
    card = _first(world)
    if card.state is CardState.ACTIVE:
        return
    _record_deeds(world, card.person_id)
    with world.parts.database.session() as session:
        officer = world.person(session, "officer")
    signer = world.parts.signer.for_session(world.token(officer))
    with world.parts.database.transaction() as session:
        now = world.now(session)
        cards.set_pin(session, DEMO_CARDS[0], DEMO_PIN, signer=signer, by=officer, now=now)


def _record_deeds(world: World, person_id: UUID) -> None:
    recorder = Recorder(world)
    recorder.people.append(person_id)
    number, place = len(recorder.people) - 1, world.city.attesters[0].slug
    with world.parts.database.transaction() as session:
        done = exists().where(col(Action.person_id) == person_id)
        if session.scalar(select(done)):
            return
        for back in range(DEEDS, 0, -1):
            at = world.now(session) - timedelta(days=back, minutes=5)
            deed = PlannedDeed(number, place, "glass-recycling", 6000, at)
            recorder.attest(session, deed)


def _first(world: World) -> Card:
    with world.parts.database.transaction() as session:
        found = cards.card_of_number(session, DEMO_CARDS[0])
        if found is not None:
            return found
        now = world.now(session)
        batch = cards.make_batch(session, count=len(DEMO_CARDS), by=None, now=now)
        cards.make_cards(
            session, batch, DEMO_CARDS, signer=world.parts.signer, now=now, simulated=True
        )
        made = cards.card_of_number(session, DEMO_CARDS[0])
        assert made is not None  # noqa: S101 - flushed a line above
        return made

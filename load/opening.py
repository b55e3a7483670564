"""Opening sealed values: what it costs beside the query that reads their rows.

Fifty people with an address each, and fifty deeds of one person with a note each; with the query
for keys, the gate, and the unwrapping; in turns, so that what else the machine does meets all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action
from app.identity import service as identity
from app.identity.models import IdentityLevel, Person
from app.privacy.service import Actor, Ref, fetch_keys, open_all, open_sealed
from app.services import Services
from load.place import Place
from load.result import Result, at_most
from tests.support.city import City
from tests.support.many_deeds import copy_deeds, note_deeds

T = TypeVar("T")
ROUNDS, ROWS = 60, 50
OF_MANY, OF_ONE = 1.0, 0.25
_BEGUN = text("select 1")


def measure(place: Place) -> Iterator[Result]:
    """Milliseconds; each baseline is the query of the very rows whose values are opened."""
    people, owner = _people(place.services), _owner(place.services)
    taken = [_round(place.services, people, owner) for _ in range(ROUNDS)]
    columns = zip(*taken, strict=True)
    persons, of_many, deeds, of_one = (1000 * median(column) for column in columns)
    yield at_most(f"opening {ROWS} rows of {ROWS} people", of_many, persons, "ms", OF_MANY)
    yield at_most(f"opening {ROWS} rows of one person", of_one, deeds, "ms", OF_ONE)


def _people(services: Services) -> list[UUID]:
    """With an address each."""
    with services.database.transaction() as session:
        now, level = services.clock.now(session), IdentityLevel.CONTACT
        return [
            identity.register_person(session, f"{n}@bench.example", level=level, now=now).id
            for n in range(ROWS)
        ]


def _owner(services: Services) -> UUID:
    """Somebody whose deeds have a note each."""
    with services.database.transaction() as session:
        city = City(session, services.clock.now(session).replace(microsecond=0))
        person = city.citizen().id
        first = city.attest(city.clerk(city.organisation()), person, city.programme())
        session.flush()
        copy_deeds(session, first.id, ROWS - 1)
        note_deeds(session, person)
    return person


def _round(
    services: Services, people: Sequence[UUID], owner: UUID
) -> tuple[float, float, float, float]:
    """In one transaction each, begun before, as a request's is by its first statement."""
    with services.database.session() as session:
        session.execute(_BEGUN)
        persons, found = _timed(lambda: _rows_of(session, people))
        of_many, _ = _timed(lambda: _open_many(session, found))
    with services.database.session() as session:
        session.execute(_BEGUN)
        deeds, noted = _timed(lambda: _deeds_of(session, owner))
        of_one, _ = _timed(lambda: _open_one(session, owner, noted))
    return persons, of_many, deeds, of_one


def _timed(do: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    made = do()
    return time.perf_counter() - began, made


def _rows_of(session: Session, people: Sequence[UUID]) -> Sequence[Person]:
    return session.scalars(select(Person).where(col(Person.id).in_(people))).all()


def _deeds_of(session: Session, owner: UUID) -> Sequence[Action]:
    return session.scalars(select(Action).where(col(Action.person_id) == owner)).all()


def _open_many(session: Session, rows: Sequence[Person]) -> None:
    fetch_keys(session, [row.id for row in rows])
    for row in rows:
        ref, own = Ref("person", "email_sealed", row.id), Actor.subject(row.id)
        open_sealed(session, row.id, ref, row.email_sealed or b"", purpose="own_data", actor=own)


def _open_one(session: Session, owner: UUID, deeds: Sequence[Action]) -> None:
    notes = ((Ref("action", "note_sealed", deed.id), deed.note_sealed or b"") for deed in deeds)
    texts = open_all(session, owner, notes, purpose="own_data", actor=Actor.subject(owner))
    if len(texts) != ROWS:
        raise RuntimeError("the benchmark's deeds have no notes")

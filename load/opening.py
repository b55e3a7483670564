"""Opening sealed values: what it costs beside the query that reads their rows.

Fifty rows of fifty people, and fifty rows of one, each with the query for keys, the gate, and the
unwrapping; in turns, so that what else the machine does meets both.
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

from app.identity import service as identity
from app.identity.models import IdentityLevel, Person
from app.privacy.service import Actor, Ref, fetch_keys, open_all, open_sealed, seal
from app.services import Services
from load.place import Place
from load.result import Result, at_most

T = TypeVar("T")
ROUNDS, ROWS = 60, 50
OF_MANY, OF_ONE = 1.0, 0.25
_BEGUN = text("select 1")


def measure(place: Place) -> Iterator[Result]:
    """Milliseconds; the baseline is the query of the rows."""
    people, notes = _made(place.services)
    taken = [_round(place.services, people, notes) for _ in range(ROUNDS)]
    query, many, one = (1000 * median(column) for column in zip(*taken, strict=True))
    yield at_most("opening 50 rows of 50 people", many, query, "ms", OF_MANY)
    yield at_most("opening 50 rows of one person", one, query, "ms", OF_ONE)


def _made(services: Services) -> tuple[list[UUID], list[bytes]]:
    """Ids of people with an address each, and as many notes of the first."""
    with services.database.transaction() as session:
        now, level = services.clock.now(session), IdentityLevel.CONTACT
        people = [
            identity.register_person(session, f"{n}@bench.example", level=level, now=now).id
            for n in range(ROWS)
        ]
        notes = [seal(session, people[0], _note(n), "by bike, in the rain") for n in range(ROWS)]
    return people, notes


def _round(
    services: Services, people: Sequence[UUID], notes: Sequence[bytes]
) -> tuple[float, float, float]:
    """In one transaction each, begun before, as a request's is by the query of its rows."""
    with services.database.session() as session:
        session.execute(_BEGUN)
        query, rows = _timed(lambda: _rows(session, people))
        many, _ = _timed(lambda: _open_many(session, rows))
    with services.database.session() as session:
        session.execute(_BEGUN)
        one, _ = _timed(lambda: _open_one(session, people[0], notes))
    return query, many, one


def _timed(do: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    made = do()
    return time.perf_counter() - began, made


def _rows(session: Session, people: Sequence[UUID]) -> Sequence[Person]:
    return session.scalars(select(Person).where(col(Person.id).in_(people))).all()


def _open_many(session: Session, rows: Sequence[Person]) -> None:
    fetch_keys(session, [row.id for row in rows])
    for row in rows:
        _open(session, row.id, Ref("person", "email_sealed", row.id), row.email_sealed or b"")


def _open_one(session: Session, person: UUID, notes: Sequence[bytes]) -> None:
    sealed = ((_note(number), value) for number, value in enumerate(notes))
    open_all(session, person, sealed, purpose="own_data", actor=Actor.subject(person))


def _open(session: Session, person: UUID, ref: Ref, value: bytes) -> None:
    own = Actor.subject(person)
    open_sealed(session, person, ref, value, purpose="own_data", actor=own)


def _note(number: int) -> Ref:
    return Ref("action", "note_sealed", str(number))

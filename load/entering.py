"""What it costs to know who asks and whether they agree, beside one request of a bare route.

One statement of the door tells session and roles, with a consent if the route needs one, and counts
a write where it is one. The bare route finds its caller by a token, inserts a row and commits; all
in turns, one request at a time.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from statistics import median
from uuid import UUID

from app.config import DatabaseRole
from app.embedded.ports import LOOPBACK
from app.identity import door
from app.identity import service as identity
from app.identity.door import Count, Use
from app.identity.models import IdentityLevel
from app.identity.tokens import token_hash
from app.privacy.consents import give_consent
from app.services import Services
from load.bare import CALLER, TABLE
from load.place import Place
from load.result import Result, at_most
from load.wire import exchange, post

ROUNDS, WARM_UP = 300, 30
TARGET = 0.2
USE, TOKEN = Use("research", "operator"), "Bearer bench"
NAMES = ("session and roles", "with a consent", "with a consent, a write counted")


def measure(place: Place) -> Iterator[Result]:
    """Milliseconds; the baseline is the whole request, its way there and back included."""
    import psycopg  # noqa: PLC0415

    url = place.postgres.url(DatabaseRole.MIGRATOR).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLE)
        connection.execute(CALLER)
        connection.execute("insert into bare_caller values (%s)", (TOKEN,))
    person, token = _citizen(place.services)
    row = {"action_type": "bike-trip", "quantity": 2000, "deed_at": "2026-01-01T00:00Z"}
    request = post("/rows/mine", row, {"Authorization": TOKEN})
    write = Count(person, "bench", 60)
    with socket.create_connection((LOOPBACK, place.bare_port), timeout=60) as wire:
        taken = [
            (
                _timed(lambda: _enter(place.services, token)),
                _timed(lambda: _enter(place.services, token, USE)),
                _timed(lambda: _enter(place.services, token, USE, write)),
                _timed(lambda: exchange(wire, request)),
            )
            for _ in range(WARM_UP + ROUNDS)
        ]
    columns = zip(*taken[WARM_UP:], strict=True)
    *entered, bare = (1000 * median(column) for column in columns)
    for name, value in zip(NAMES, entered, strict=True):
        yield at_most(name, value, bare, "ms", TARGET)


def _citizen(services: Services) -> tuple[UUID, bytes]:
    """Who agreed, and the hash of their token."""
    with services.database.transaction() as session:
        now, level = services.clock.now(session), IdentityLevel.CONTACT
        person = identity.register_person(session, None, level=level, now=now).id
        give_consent(session, person, *USE, now)
        return person, token_hash(identity.open_session(session, person, "api", now))


def _enter(
    services: Services, token: bytes, use: Use | None = None, write: Count | None = None
) -> None:
    singles, sql = services.database.singles, services.clock.sql
    _, found = door.enter(singles, token, sql, write, use=use, code_will_do=False, plain=True)
    if found is None or (use and not found.agreed) or (write and not found.counted):
        raise RuntimeError("the benchmark's session is not live, has no consent or counts nothing")


def _timed(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began

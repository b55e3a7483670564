"""What it costs to know who asks and whether they agreed, beside one request of a bare route.

The door's statement tells session and roles; a use that needs consent asks once more. The bare
route finds its caller by a token, inserts a row and commits; all in turns, one request at a time.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from statistics import median
from uuid import UUID

from sqlalchemy.orm import Session

from app.config import DatabaseRole
from app.embedded.ports import LOOPBACK
from app.identity import door
from app.identity import service as identity
from app.identity.models import IdentityLevel
from app.identity.tokens import token_hash
from app.privacy.consents import give_consent, has_consent
from app.services import Services
from load.bare import CALLER, TABLE
from load.place import Place
from load.result import Result, at_most
from load.wire import exchange, post

ROUNDS, WARM_UP = 300, 30
TARGET = 0.2
PURPOSE, RECIPIENT, TOKEN = "research", "operator", "Bearer bench"


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
    with (
        socket.create_connection((LOOPBACK, place.bare_port), timeout=60) as wire,
        place.services.database.session() as session,  # that of a request, which is open anyway
    ):
        taken = [
            (
                _timed(lambda: _enter(place.services, token)),
                _timed(lambda: _consent(session, person)),
                _timed(lambda: exchange(wire, request)),
            )
            for _ in range(WARM_UP + ROUNDS)
        ]
    columns = zip(*taken[WARM_UP:], strict=True)
    entered, agreed, bare = (1000 * median(column) for column in columns)
    yield at_most("session and roles", entered, bare, "ms", TARGET)
    yield at_most("session, roles and a consent", entered + agreed, bare, "ms", TARGET)


def _citizen(services: Services) -> tuple[UUID, bytes]:
    """Who agreed, and the hash of their token."""
    with services.database.transaction() as session:
        now, level = services.clock.now(session), IdentityLevel.CONTACT
        person = identity.register_person(session, None, level=level, now=now).id
        give_consent(session, person, PURPOSE, RECIPIENT, now)
        return person, token_hash(identity.open_session(session, person, "api", now))


def _enter(services: Services, token: bytes) -> None:
    with services.database.single() as connection:
        _, found = door.enter(connection, token, services.clock.sql, code_will_do=False)
    if found is None:
        raise RuntimeError("the session of the benchmark is not live")


def _consent(session: Session, person: UUID) -> None:
    if not has_consent(session, person, PURPOSE, RECIPIENT):
        raise RuntimeError("the consent of the benchmark is not there")


def _timed(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began

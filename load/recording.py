"""Recording through the API beside a bare route that inserts one row by psycopg."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median

from app.config import DatabaseRole
from load.bare import TABLE
from load.people import Town, attestations, declarations, make_town
from load.place import Place
from load.result import Result, at_least
from load.wire import post, rate

ROUNDS, REQUESTS, WARM_UP = 5, 200, 100
TARGET = 0.4


def measure(place: Place) -> Iterator[Result]:
    """Rates in turns, medians of the rounds."""
    import psycopg  # noqa: PLC0415

    url = place.postgres.url(DatabaseRole.MIGRATOR).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLE)
    town = make_town(place.services)
    for name, make in (
        ("recording, declared by a citizen", lambda number: declarations(town, number)),
        (
            "recording, signed by a clerk",
            lambda number: attestations(place.services, town, number),
        ),
    ):
        ours, bare = _in_turns(place, town, make)
        yield at_least(name, ours, bare, "requests/s", TARGET)


def _in_turns(place: Place, town: Town, make: Callable[[int], list[bytes]]) -> tuple[float, float]:
    rows = [_row(town)] * REQUESTS
    rate(place.settings.port, make(WARM_UP))  # first accounts, first connections
    rate(place.bare_port, rows[:WARM_UP])
    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(rate(place.settings.port, make(REQUESTS)))
        bare.append(rate(place.bare_port, rows))
    return median(ours), median(bare)


def _row(town: Town) -> bytes:
    body = {"action_type": "bike-trip", "quantity": 2000, "deed_at": town.city.now.isoformat()}
    return post("/rows", body, {})

"""A partner's generated file: one trip in ten of a linked rider, the others nobody's."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from app.actions.imports import links
from tests.support.city import City
from tests.support.partner import HEAD, Partner

RIDERS, LINKED_EVERY = 200, 10


def write_trips(path: Path, rows: int, until: datetime) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD.split(","))
        writer.writerows(_trips(rows, until))


def link_riders(partner: Partner) -> None:
    """As many citizens as `write_trips` names, each with a code given to the partner."""
    with partner.services.database.transaction() as session:
        city = City(session, partner.now)
        for number in range(RIDERS):
            person, at = city.citizen().id, partner.now
            own = partner.organisation_id
            code, _ = links.make_code(session, person_id=person, organisation_id=own, now=at)
            reference = _rider(number)
            links.link_rider(session, organisation_id=own, rider_ref=reference, code=code, now=at)


def _trips(rows: int, until: datetime) -> Iterator[list[str]]:
    """Ten minutes and 1.3 km each; of one rider no two at the same time."""
    for number in range(rows):
        linked, place = divmod(number, LINKED_EVERY)
        rider = _rider(linked % RIDERS) if place == 0 else ""
        end = until - timedelta(minutes=15 * (linked // RIDERS), seconds=number % 60)
        start = end - timedelta(minutes=10)
        times = [start.isoformat(), end.isoformat()]
        yield [f"trip-{number}", *times, "48.85", "2.35", "48.86", "2.36", rider]


def _rider(number: int) -> str:
    return f"rider-{number}"

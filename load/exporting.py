"""All of somebody's data, with ten thousand deeds that have a sealed note each, beside a minute."""

from __future__ import annotations

import time
from collections.abc import Iterator
from zipfile import ZipFile

from app.rights.export import export
from load.place import Place
from load.result import Result, at_most
from tests.support.city import City
from tests.support.many_deeds import copy_deeds, note_deeds

DEEDS, MINUTE = 10_000, 60.0


def measure(place: Place) -> Iterator[Result]:
    """Seconds, once; what is promised is a minute."""
    with place.services.database.transaction() as session:
        city = City(session, place.services.clock.now(session).replace(microsecond=0))
        person = city.citizen().id
        first = city.attest(city.clerk(city.organisation()), person, city.programme())
        first_id, now = first.id, city.now
        session.flush()
        copy_deeds(session, first_id, DEEDS - 1)
        note_deeds(session, person)
    with place.services.database.session() as session:
        began = time.perf_counter()
        with export(session, person, now) as archive, ZipFile(archive) as files:
            files.getinfo("deeds.json")
        taken = time.perf_counter() - began
    yield at_most(f"export of {DEEDS:,} deeds", taken, MINUTE, "s", 1.0)

"""Who the users of a load run are: people of the running demo city, with live tokens.

Tokens and a clerk's fresh key are written for locust's process and end with the city.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

from app.actions.keys import ask_key, certificate_of, certify_key, check_organisation_key
from app.chain import typed
from app.config import Settings
from app.demo.city import Place, small_city, whole_city
from app.demo.organisations import admin_address, clerk_address
from app.demo.world import World
from app.errors import Problem
from app.keyfiles import write_private
from app.services import connect

CITIZENS = 40


@dataclass(frozen=True)
class Seeds:
    """`citizens` are tokens; `clerks` have a token and a key in hex."""

    programme_id: str
    citizens: list[str]
    clerks: list[dict[str, str]]
    merchant: str
    seconds_ahead: float
    not_before: str
    _turns: Iterator[int] = field(default_factory=itertools.count, compare=False, repr=False)

    def next_citizen(self) -> str:
        """In turns: a counter takes somebody's code only once a minute."""
        return self.citizens[next(self._turns) % len(self.citizens)]

    def write(self, path: Path) -> None:
        entries = {k: v for k, v in vars(self).items() if k != "_turns"}
        write_private(path, json.dumps(entries))

    @classmethod
    def read(cls, path: Path) -> Seeds:
        return cls(**json.loads(path.read_text("utf-8")))


def make_seeds(settings: Settings) -> Seeds:
    """Of the demo city that runs there. Raises NotADemoError."""
    city = small_city() if settings.small_demo else whole_city()
    world = World(connect(settings, name="civis load"), city, print)
    try:
        with world.parts.database.session() as session:
            people = [world.person(session, c.local) for c in city.citizens[1 : CITIZENS + 1]]
            baker, programme = world.person(session, "baker"), world.programme(session)
            ahead = world.now(session).timestamp() - time.time()
        first = datetime.combine(programme.first_day + timedelta(days=1), clock_time(), UTC)
        return Seeds(
            programme_id=str(programme.id),
            citizens=[world.token(person) for person in people],
            clerks=[_clerk(world, place) for place in city.attesters if _vouches(world, place)],
            merchant=world.token(baker),
            seconds_ahead=ahead,
            not_before=first.isoformat(),
        )
    finally:
        world.parts.database.dispose()


def _vouches(world: World, place: Place) -> bool:
    """Unless two officers ended its key: the city is in use."""
    with world.parts.database.session() as session:
        organisation, now = world.organisation(session, place.slug), world.now(session)
        try:
            check_organisation_key(organisation, now)
        except Problem:
            return False
    return True


def _clerk(world: World, place: Place) -> dict[str, str]:
    """The place's clerk with a new key of their own, certified by the place's administrator."""
    key = typed.new_key()
    with world.parts.database.session() as session:
        admin = world.person(session, admin_address(place))
        clerk = world.person(session, clerk_address(place))
    signer = world.parts.signer.for_session(world.token(admin))
    with world.parts.database.transaction() as session:
        organisation, now = world.organisation(session, place.slug), world.now(session)
        asked = ask_key(
            session,
            organisation=organisation,
            person_id=clerk,
            address=typed.address_of(key),
            scope=[],
            now=now,
        )
        certificate = certificate_of(asked, organisation)
        certify_key(
            session,
            address=asked.address,
            organisation=organisation,
            signature=signer.sign_statement(certificate.organisation, certificate),
            domain=world.domain,
            now=now,
        )
    return {"token": world.token(clerk), "key": "0x" + key.hex()}

"""Who sends the recordings that are measured: committed citizens and clerks with live tokens."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.actions.attestation import as_json
from app.actions.domain import attesters_domain
from app.chain import typed
from app.identity import service as identity
from app.identity.models import Role
from app.rewards.models import Programme
from app.services import Services
from load.wire import post
from tests.support.city import City, Clerk

CITIZENS, CLERKS = 48, 12  # so many that none reaches the common limit of writes in a minute
PLENTY = 10**7
MOST_ACTIONS = 10**6  # what the table allows a day
QUANTITY = 2000


@dataclass(frozen=True)
class Town:
    """`subjects` are the visits of a citizen with each clerk, live for ten minutes."""

    domain: typed.Domain
    since: datetime
    city: City
    programme: Programme
    citizens: dict[UUID, str]
    clerks: list[tuple[Clerk, str]]
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def turn(self) -> tuple[int, datetime]:
        """Whose turn it is, and when they did it: nobody the same twice in one minute."""
        number = next(self._numbers)
        return number, self.since - timedelta(minutes=number // CLERKS)


def make_town(services: Services) -> Town:
    """One programme with money for all that is measured."""
    with services.database.transaction() as session:
        now = services.clock.now(session)
        city = City(session, now, wallets=services.signer)  # type: ignore[arg-type]
        programme = city.programme(funded=PLENTY)
        citizens = {}
        for _ in range(CITIZENS):
            person_id = city.citizen().id
            identity.grant_role(session, person_id=person_id, role=Role.CITIZEN, now=now)
            citizens[person_id] = identity.open_session(session, person_id, "api", now)
        clerks = [_clerk(session, city, now) for _ in range(CLERKS)]
    domain = attesters_domain(services.settings.deployment_file)
    return Town(domain, now, city, programme, citizens, clerks)


def _clerk(session: Session, city: City, now: datetime) -> tuple[Clerk, str]:
    """Of an organisation whose ceilings are out of reach."""
    organisation = city.organisation()
    organisation.actions_per_day, organisation.reward_cents_per_day = MOST_ACTIONS, PLENTY
    clerk = city.clerk(organisation)
    return clerk, identity.open_session(session, clerk.person_id, "api", now)


def declarations(town: Town, number: int) -> list[bytes]:
    """Citizens in turns say that they cycled."""
    tokens = list(town.citizens.values())
    programme_id = str(town.programme.id)
    said = {"programme_id": programme_id, "action_type": "bike-trip", "quantity": QUANTITY}
    found = []
    for _ in range(number):
        turn, at = town.turn()
        deed = {**said, "deed_at": at.isoformat()}
        found.append(post("/api/v1/actions", deed, _headers(tokens[turn % len(tokens)])))
    return found


def attestations(services: Services, town: Town, number: int) -> list[bytes]:
    """Clerks in turns vouch, each with a signature of its own, for citizens who stand there."""
    with services.database.transaction() as session:
        town.city.session, town.city.now = session, services.clock.now(session)
        subjects = [
            (clerk, token, town.city.visit(clerk, person, town.programme))
            for clerk, token in town.clerks
            for person in list(town.citizens)[:: CITIZENS // CLERKS]
        ]
    found = []
    for _ in range(number):
        turn, at = town.turn()
        clerk, token, visit = subjects[turn * 7 % len(subjects)]
        deed = {"quantity": QUANTITY, "deed_at": int(at.timestamp())}
        struct = town.city.statement(clerk, visit, town.programme, **deed)
        signature = typed.sign(typed.attestation_digest(town.domain, struct), clerk.key)
        body = {"statement": as_json(struct), "signature": "0x" + signature.hex()}
        found.append(post("/api/v1/attestations", body, _headers(token)))
    return found


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}

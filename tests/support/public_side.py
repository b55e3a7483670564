"""A chain with a city's deeds on it, and what the public reaches: gateway and site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from app.actions.codes import choosable
from app.actions.models import Action
from app.application import build
from app.chain.contracts.artifacts import PLACES
from app.db import uuid7
from app.governance.service import confirm
from app.identity.models import Person
from app.impact.accounting import metrics_for
from app.impact.catalogue import catalogue
from app.reporting.audit.run import Report, audit
from app.reporting.gateway import create_gateway
from app.reporting.gateway_limits import Allowance
from app.rewards.batches.cells import period_end, period_of, publish_cells
from app.rewards.models import CellPublication, Programme
from app.rewards.valuing.decided import propose_reversal
from tests.support.chain_rows import new_deed
from tests.support.chain_world import World
from tests.support.serving import served

Citizen = tuple[Person, str]
CURIOUS = Allowance(burst=1_000_000)  # tests ask everything there is, all from one address


@dataclass
class PublicSide:
    """`gateway` and `site` are the addresses that a stranger is told."""

    world: World
    gateway: str
    site: str
    _periods: int = field(default=0)

    def audit(self) -> Report:
        return audit(self.gateway, self.site)

    def deeds(
        self, programme: Programme, people: list[Citizen], kind: str, *, days_ago: int = 1
    ) -> list[Action]:
        """Settled: one deed of a kind for each, worth a token."""
        with self.world.transaction() as (session, now):
            made = [new_deed(programme, person, address, now, 100) for person, address in people]
            for action in made:
                found = catalogue().action_type(kind)
                action.action_type_id, action.action_type_version = kind, found.version
                action.metrics = metrics_for(found, action.quantity)
                action.deed_at -= timedelta(days=days_ago - 1)
                action.deed_day = action.deed_at.date()
            session.add_all(made)
        self.world.cut(programme)
        self.world.settle()
        return made

    def reverse(self, actions: list[Action]) -> None:
        with self.world.transaction() as (session, now):
            for action in actions:
                proposal = propose_reversal(
                    session, action_id=action.id, reason=choosable()[0], by=uuid7(), now=now
                )
                confirm(session, proposal.id, by=uuid7(), now=now)

    def publish(self, programme: Programme) -> CellPublication | None:
        """The next period's cells, final on the chain; None when none may be shown."""
        with self.world.transaction() as (session, now):
            self._periods += 1
            end = period_end(programme, period_of(programme, now) + self._periods)
            made = publish_cells(session, programme, end)
        self.world.settle()
        return made


def write_deployment(world: World, path: Path) -> None:
    """What `civis run` leaves of the first deployment, as far as the public reads it."""
    genesis = world.node.rpc("eth_getBlockByNumber", "0x0", False)["hash"]
    places = {PLACES[name]: address for name, address in world.edge.addresses.items()}
    stored = {"chain_id": world.node.chain_id, "genesis_hash": genesis, **places}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**stored, "block_number": world.edge.first_block}), "utf-8")


@contextmanager
def public_side(world: World) -> Iterator[PublicSide]:
    """Gateway and site as their own servers on free ports, on the world's chain."""
    deployment = world.services.settings.deployment_file
    write_deployment(world, deployment)
    gateway = create_gateway((world.node.url,), deployment, allowance=CURIOUS)
    with served(gateway) as rpc, served(build(parts=world.services)) as site:
        yield PublicSide(world, rpc, site)

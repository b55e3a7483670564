"""What the jobs work with: the house's services, and an own way to the chain for each job."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from app.chain.artifacts import SINGLE
from app.chain.client import ChainClient
from app.chain.deploy import Deployment
from app.chain.edge import Edge
from app.chain.events import Listeners
from app.chain.nodes import labelled
from app.config import DatabaseRole, Settings
from app.db import Database
from app.endings.projections import HANDLERS as ENDINGS
from app.merchants.projections import HANDLERS as MERCHANTS
from app.recovery.moves import ABOUT, ON_FAILURE
from app.recovery.projections import HANDLERS as RECOVERIES
from app.reporting.projections import HANDLERS as REPORTING
from app.rewards.batches.choosing import Limits
from app.rewards.batches.turns import on_turn
from app.rewards.money.moves import HANDLERS as MOVES
from app.rewards.money.moves import lock_accounts
from app.rewards.money.projections import HANDLERS as REWARDS
from app.rewards.money.withdrawals import HANDLERS as FUNDINGS
from app.services import Services

LISTENERS = Listeners(  # ledger first
    (REWARDS, MOVES, FUNDINGS, MERCHANTS, RECOVERIES, ENDINGS, REPORTING), lock_accounts
)


@dataclass(frozen=True)
class Workshop:
    """`holder` names this process in leases, never the same twice."""

    services: Services
    deployment: Deployment
    holder: str
    limits: Limits = field(default_factory=Limits)
    _edges: dict[str, Edge] = field(default_factory=dict)
    suspected: set[str] = field(default_factory=set)  # by the round before: see reconciling.py
    _watched: dict[str, ChainClient] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return self.services.settings

    @cached_property
    def log_database(self) -> Database:
        """As the role that seals the access log. Raises ConfigError when there is no URL for it."""
        return Database(self.settings.database_url(DatabaseRole.LOG), pool_size=1, name="civis-log")

    def edge(self, job: str) -> Edge:
        """The job's own, kept: it talks to one node at a time, and knows whom it talks to."""
        if job not in self._edges:
            self._edges[job] = edge_of(self.services, self.deployment)
        return self._edges[job]

    def watched(self) -> Mapping[str, ChainClient]:
        """A client for each node by itself, kept, by the node's label."""
        for label, url in labelled(self.settings.chain_rpc_urls).items():
            if label not in self._watched:
                self._watched[label] = client_of([url], self.deployment)
        return self._watched


def client_of(urls: Sequence[str], deployment: Deployment) -> ChainClient:
    """Of the chain on which the contracts stand."""
    genesis = bytes.fromhex(deployment.genesis_hash.removeprefix("0x"))
    return ChainClient(urls, chain_id=deployment.chain_id, genesis_hash=genesis)


def read_deployment(path: Path) -> Deployment:
    """Where the contracts stand. Raises FileNotFoundError before the first deployment."""
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Deployment(**stored)


def edge_of(services: Services, deployment: Deployment) -> Edge:
    client = client_of(services.settings.chain_rpc_urls, deployment)
    return Edge(
        database=services.database,
        clock=services.clock,
        client=client,
        signer=services.signer,
        addresses=addresses_of(deployment),
        first_block=deployment.block_number,
        chain=services.settings.chain,
        artefacts=services.settings.kept.artefacts,
        about=ABOUT,
        on_failure=ON_FAILURE,
        on_turn=on_turn(services.settings.kept.artefacts),
    )


def addresses_of(deployment: Deployment) -> Mapping[str, str]:
    """By contract name."""
    return {name: str(deployment.address_of(name)) for name in SINGLE}

"""What the jobs work with: the house's services, and an own way to the chain for each job."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from app import telemetry
from app.chain.contracts.artifacts import SINGLE
from app.chain.deploying.record import Deployment, read_record
from app.chain.edge import Edge
from app.chain.rpc.client import ChainClient
from app.chain.rpc.lagging import DATABASE_TIME, to_leave
from app.chain.rpc.nodes import labelled
from app.config import DatabaseRole, Settings
from app.db import Database
from app.recovery.moves import ABOUT, ON_FAILURE
from app.reporting.completeness.proving import ON_TURN as PROVEN_FIRST
from app.rewards.batches.due import Limits
from app.rewards.batches.turns import on_turn
from app.rpc_tokens import RpcTokens
from app.services import Services

log = telemetry.logger("workers")


@dataclass(frozen=True)
class Workshop:
    """`holder` names this process in leases, never the same twice. `read_at`: when the record of
    the deployment was last changed as it was read; a changed one is read again. `since`: when this
    process began, by the monotonic clock."""

    services: Services
    deployment: Deployment
    holder: str
    read_at: int = 0
    limits: Limits = field(default_factory=Limits)
    since: float = field(default_factory=time.monotonic)
    _edges: dict[str, Edge] = field(default_factory=dict)
    _as_of: dict[str, int] = field(default_factory=dict)
    suspected: set[str] = field(default_factory=set)  # by the round before: see reconciling.py
    _watched: dict[str, ChainClient] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return self.services.settings

    def has_run(self, span: timedelta) -> bool:
        """Whether each job of this process that runs so often has had its turn."""
        return time.monotonic() - self.since >= span.total_seconds()

    @cached_property
    def log_database(self) -> Database:
        """As the role that seals the access log. Raises ConfigError when there is no URL for it."""
        return Database(self.settings.database_url(DatabaseRole.LOG), pool_size=1, name="civis-log")

    def edge(self, job: str) -> Edge:
        """The job's own, kept: it talks to one node at a time, and knows whom it talks to. Where
        another contract came into force, from its next round on. What lags is left from now on."""
        changed = changed_at(self.settings.deployment_file) if self.read_at else 0
        if job not in self._edges or self._as_of.get(job, changed) != changed:
            anew = changed != self.read_at
            stands = read_record(self.settings.deployment_file) if anew else self.deployment
            self._edges[job] = edge_of(self.services, stands)
        self._as_of[job] = changed
        edge = self._edges[job]
        if len(edge.client.urls) > 1:
            self._leave_laggards(edge.client, job)
        return edge

    def _leave_laggards(self, client: ChainClient, job: str) -> None:
        urls = labelled(client.urls)
        with self.services.database.session() as session:
            low = to_leave(session, session.execute(DATABASE_TIME).scalar_one()) & urls.keys()
        left = client.leave([urls[label] for label in low])
        if left is not None:
            log.warning("node_left", job=job, node=left, because="it lags")

    def watched(self) -> Mapping[str, ChainClient]:
        """A client for each node by itself, kept, by the node's label."""
        for label, url in labelled(self.settings.chain_rpc_urls).items():
            if label not in self._watched:
                self._watched[label] = client_of(
                    [url], self.deployment, self.settings.chain_rpc_tokens
                )
        return self._watched


def client_of(urls: Sequence[str], deployment: Deployment, tokens: RpcTokens) -> ChainClient:
    """Of the chain on which the contracts stand."""
    genesis = bytes.fromhex(deployment.genesis_hash.removeprefix("0x"))
    chain_id = deployment.chain_id
    return ChainClient(urls, chain_id=chain_id, genesis_hash=genesis, tokens=tokens)


def changed_at(path: Path) -> int:
    """When the record was last changed. Raises FileNotFoundError before the first deployment."""
    return path.stat().st_mtime_ns


def edge_of(services: Services, deployment: Deployment) -> Edge:
    settings = services.settings
    client = client_of(settings.chain_rpc_urls, deployment, settings.chain_rpc_tokens)
    return Edge(
        database=services.database,
        clock=services.clock,
        client=client,
        signer=services.signer,
        addresses=addresses_of(deployment),
        others=deployment.others,
        first_block=deployment.block_number,
        chain=settings.chain,
        gas_price=settings.chain.gas_price,
        artefacts=settings.kept.artefacts,
        about=ABOUT,
        on_failure=ON_FAILURE,
        on_turn=on_turn(settings.kept.artefacts) | PROVEN_FIRST,
    )


def addresses_of(deployment: Deployment) -> Mapping[str, str]:
    """By contract name."""
    return {name: str(deployment.address_of(name)) for name in SINGLE}

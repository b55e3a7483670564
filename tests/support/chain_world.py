"""A chain with our contracts, a database, and the jobs of the edge, one step at a time.

Blocks are made by `mine` only, so a test decides what is mined, final, or taken back. Role keys
are real and held here, as the signer process holds them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from eth_account import Account as Key
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col
from web3 import HTTPProvider, Web3

from app.actions.models import Action
from app.chain import typed
from app.chain.deploying.deploy import Limits, deploy
from app.chain.deploying.first_deployment import role_keys
from app.chain.deploying.record import Deployment
from app.chain.deploying.role_keys import ROLES
from app.chain.edge import Edge
from app.chain.indexing import indexer
from app.chain.indexing.reading import Span
from app.chain.rpc.client import ChainClient
from app.chain.sending import confirmer, sender
from app.chain_descriptor import ChainDescriptor
from app.identity.models import Person
from app.outbox.leases import Fence, acquire
from app.outbox.models import ChainTransaction, OutboxItem, OutboxState
from app.recovery.moves import ABOUT, ON_FAILURE
from app.reporting.completeness.models import CompletenessProof
from app.reporting.completeness.proving import ON_TURN as PROVEN_FIRST
from app.reporting.completeness.proving import prove_if_due
from app.reporting.telling import LISTENERS
from app.rewards.batches.batching import cut_batch
from app.rewards.batches.due import Limits as BatchLimits
from app.rewards.batches.turns import on_turn
from app.rewards.models import Batch, Programme
from app.services import Services
from tests.support.anvil import Node, running_anvil
from tests.support.chain_rows import fund, new_deed, new_person, new_programme
from workers.context import addresses_of

DEPTH = 3


class RoleSigner:
    """Signs with the keys of all roles, without asking anybody."""

    def __init__(self) -> None:
        self.keys = {role: typed.keccak(b"test key " + role.encode()) for role in ROLES}

    def address_of(self, role: str) -> str:
        return typed.address_of(self.keys[role])

    def sign_transaction(self, role: str, transaction: dict[str, Any]) -> bytes:
        return bytes(Key.sign_transaction(transaction, self.keys[role]).raw_transaction)


@dataclass
class World:
    """`edge` and `fence` as the jobs get them."""

    services: Services
    node: Node
    edge: Edge
    signer: RoleSigner
    folder: Path
    deployment: Deployment

    @property
    def fence(self) -> Fence:
        with self.services.database.transaction() as session:
            found = acquire(session, "test", "test", 600)
        assert found is not None
        return found

    @contextmanager
    def transaction(self) -> Iterator[tuple[Session, datetime]]:
        with self.services.database.transaction() as session:
            yield session, self.services.clock.now(session)

    def mine(self, blocks: int = 1) -> None:
        for _ in range(blocks):
            self.node.rpc("evm_mine")

    def send(self) -> int:
        return sender.run(self.edge, self.fence)

    def confirm(self) -> int:
        return confirmer.run(self.edge, self.fence)

    def index(self, longest: int = 1000) -> int:
        return indexer.run(self.edge, self.fence, LISTENERS, Span(longest, longest))

    def sign(self, role: str, *, nonce: int, gas: int, to: str = "", data: bytes = b"") -> bytes:
        """A transaction of a role's key that our books don't know; without `to` to itself."""
        transaction: dict[str, Any] = {"type": 2, "nonce": nonce, "gas": gas}
        transaction |= {"to": to or self.signer.address_of(role), "value": 0, "data": data}
        transaction["chainId"] = self.node.chain_id
        transaction |= {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0}
        return self.signer.sign_transaction(role, transaction)

    def client_of(self, *urls: str, **options: Any) -> ChainClient:
        """A client of our chain by other URLs."""
        known = self.edge.client
        return ChainClient(
            urls, chain_id=known.chain_id, genesis_hash=known.genesis_hash, **options
        )

    def prove(self) -> CompletenessProof | None:
        """Before a pay-out, or as it is due."""
        return prove_if_due(self.edge, self.fence, self.folder)

    def settle(self, rounds: int = 12) -> None:
        """Prove, send, mine, confirm and index until nothing is left to do."""
        for _ in range(rounds):
            self.prove()
            self.send()
            self.mine(DEPTH + 1)
            self.confirm()
            self.index()
            if not self.states() & {OutboxState.WAITING, OutboxState.SENT}:
                return
        raise AssertionError(f"not settled: {self.rows()}")

    def states(self) -> set[OutboxState]:
        with self.services.database.session() as session:
            return set(session.scalars(select(col(OutboxItem.state))))

    def rows(self) -> list[tuple[str, str, str | None]]:
        with self.services.database.session() as session:
            query = select(OutboxItem).order_by(col(OutboxItem.id))
            return [(i.kind, i.state.value, i.last_error) for i in session.scalars(query)]

    def transactions(self) -> list[ChainTransaction]:
        with self.services.database.session() as session:
            return list(
                session.scalars(select(ChainTransaction).order_by(col(ChainTransaction.id)))
            )

    def programme(self, *, cents: int = 1_000_000, **options: Any) -> Programme:
        """Created and funded on the chain, all final."""
        with self.transaction() as (session, now):
            made = new_programme(session, now, options)
            fund(session, made, cents, now)
        self.settle()
        with self.services.database.session() as session:
            found = session.get_one(Programme, made.id)
        assert found.token_address is not None
        return found

    def cut(self, programme: Programme, limits: BatchLimits | None = None) -> Batch | None:
        with self.transaction() as (session, now):
            return cut_batch(
                session, programme, folder=self.folder, now=now, limits=limits or BatchLimits()
            )

    def citizens(self, number: int) -> list[tuple[Person, str]]:
        """People, each with an address."""
        with self.transaction() as (session, now):
            return [
                (new_person(session, now), typed.address_of(typed.new_key())) for _ in range(number)
            ]

    def deeds(
        self, programme: Programme, people: list[tuple[Person, str]], *, cents: int = 100
    ) -> list[Action]:
        """One authenticated and due action for each."""
        with self.transaction() as (session, now):
            made = [new_deed(programme, person, address, now, cents) for person, address in people]
            session.add_all(made)
        return made


@contextmanager
def chain_world(services: Services, folder: Path) -> Iterator[World]:
    """Contracts on a fresh node; afterwards blocks are made on demand only."""
    signer = RoleSigner()
    with running_anvil(folder / "node") as node:
        web3 = Web3(HTTPProvider(node.url))
        genesis = bytes(web3.eth.get_block(0)["hash"])
        addresses = {role: signer.address_of(role) for role in ROLES}
        deployment = deploy(
            web3,
            deployer_key="0x" + signer.keys["deployer"].hex(),
            keys=role_keys(addresses),
            salt=genesis,
            limits=replace(Limits(), timelock_delay=0, unpause_delay=0),
        )
        node.rpc("evm_setAutomine", False)
        client = ChainClient([node.url], chain_id=node.chain_id, genesis_hash=genesis)
        edge = Edge(
            database=services.database,
            clock=services.clock,
            client=client,
            signer=signer,
            addresses=addresses_of(deployment),
            first_block=deployment.block_number,
            chain=ChainDescriptor(DEPTH, 1, 1000, long_extra_data=False),
            artefacts=folder / "artefacts",
            about=ABOUT,
            on_failure=ON_FAILURE,
            on_turn=on_turn(folder / "artefacts") | PROVEN_FIRST,
        )
        yield World(services, node, edge, signer, folder / "artefacts", deployment)

"""A chain with our contracts, a database, and the jobs of the edge, one step at a time.

Blocks are made by `mine` only, so a test decides what is mined, final, or taken back. Role keys
are real and held here, as the signer process holds them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from eth_account import Account as Key
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col
from web3 import HTTPProvider, Web3

from app.actions.models import Action, ActionState, Channel, ProofLevel, Track
from app.chain import confirmer, indexer, sender, typed
from app.chain.client import ChainClient
from app.chain.deploy import Limits, deploy
from app.chain.edge import Edge
from app.chain.first_deployment import role_keys
from app.chain.reading import Span
from app.chain.role_keys import ROLES
from app.config import ChainDescriptor
from app.db import uuid7
from app.identity.models import IdentityLevel, Person
from app.impact.accounting import metrics_for
from app.impact.catalogue import catalogue
from app.outbox.leases import Fence, acquire
from app.outbox.models import ChainTransaction, OutboxItem, OutboxState
from app.outbox.service import enqueue
from app.privacy.service import create_subject
from app.rewards.batching import cut_batch
from app.rewards.choosing import Limits as BatchLimits
from app.rewards.models import Batch, Funding, Programme, ProgrammeState
from app.rewards.refused import ON_FAILURE
from app.services import Services
from tests.support.anvil import Node, running_anvil
from workers.context import LISTENERS, addresses_of

DEPTH = 3
_numbers = itertools.count(1)


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

    def settle(self, rounds: int = 12) -> None:
        """Send, mine, confirm and index until nothing is left to do."""
        for _ in range(rounds):
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
            made = _programme(session, now, options)
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
                (_person(session, now), typed.address_of(typed.new_key())) for _ in range(number)
            ]

    def deeds(
        self, programme: Programme, people: list[tuple[Person, str]], *, cents: int = 100
    ) -> list[Action]:
        """One authenticated and due action for each."""
        with self.transaction() as (session, now):
            made = [deed(programme, person, address, now, cents) for person, address in people]
            session.add_all(made)
        return made


def _programme(session: Session, now: datetime, options: dict[str, Any]) -> Programme:
    number = next(_numbers)
    programme = Programme(
        chain_id=typed.keccak(uuid7().bytes),
        slug=f"season-{number}-{uuid7().hex[-6:]}",
        name={"fr": "Saison", "en": "Season"},
        token_symbol="JET",
        state=ProgrammeState.DRAFT,
        first_day=(now - timedelta(days=30)).date(),
        last_day_to_earn=(now + timedelta(days=90)).date(),
        last_day_to_spend=(now + timedelta(days=180)).date(),
        created_at=now,
        **{"batch_min_accounts": 1, "period_seconds": 60} | options,
    )
    session.add(programme)
    session.flush()
    enqueue(
        session,
        kind="create_programme",
        key=programme.slug,
        payload={
            "programme_id": programme.chain_id,
            "name": programme.slug,
            "symbol": "JET",
            "earn_until": int((now + timedelta(days=90)).timestamp()),
            "spend_until": int((now + timedelta(days=180)).timestamp()),
            "rule_set_hash": typed.keccak(b"rules"),
        },
        now=now,
    )
    return programme


def fund(session: Session, programme: Programme, cents: int, now: datetime) -> None:
    """Proposed by one treasurer, confirmed by the other, both on their way to the chain."""
    funding = Funding(
        programme_id=programme.id,
        amount_cents=cents,
        bank_reference=uuid7().hex,
        proposed_by=uuid7(),
        proposed_at=now,
        confirmed_by=uuid7(),
        confirmed_at=now,
    )
    session.add(funding)
    reference = typed.keccak(funding.bank_reference.encode())
    both = {"programme_id": programme.chain_id, "bank_reference": reference}
    enqueue(
        session,
        kind="propose_funding",
        key=reference.hex(),
        payload={**both, "amount": cents},
        now=now,
        signer="treasurer_1",
    )
    enqueue(
        session,
        kind="confirm_funding",
        key=reference.hex(),
        payload=both,
        now=now,
        signer="treasurer_2",
    )


def _person(session: Session, now: datetime) -> Person:
    person = Person(
        id=create_subject(session, now),
        identity_level=IdentityLevel.CONTACT,
        created_at=now,
        simulated=True,
    )
    session.add(person)
    session.flush()
    return person


def deed(programme: Programme, person: Person, address: str, now: datetime, cents: int) -> Action:
    kind = catalogue().action_types()[0]
    quantity = 1000
    return Action(
        programme_id=programme.id,
        person_id=person.id,
        account_address=address,
        channel=Channel.CITIZEN,
        action_type_id=kind.id,
        action_type_version=kind.version,
        quantity=quantity,
        metrics=metrics_for(kind, quantity),
        deed_at=now - timedelta(hours=3),
        deed_day=(now - timedelta(hours=3)).date(),
        recorded_at=now - timedelta(hours=2),
        proof_level=ProofLevel.ATTESTED,
        recording_track=Track.PASSED,
        anomaly_track=Track.PASSED,
        fraud_track=Track.PASSED,
        state=ActionState.AUTHENTICATED,
        reward_cents=cents,
        due_at=now - timedelta(minutes=5),
    )


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
            limits=replace(Limits(), timelock_delay=0),
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
            on_failure=ON_FAILURE,
        )
        yield World(services, node, edge, signer, folder / "artefacts")

"""What the jobs at the chain's edge work with, put together once per process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.deploying.generations import Generation
from app.chain.errors import ChainDiverged, Halted, Reverted, WrongChain
from app.chain.rpc.client import ChainClient
from app.chain_descriptor import ChainDescriptor
from app.clock import Clock
from app.db import Database
from app.outbox.models import Incident, OutboxItem
from app.outbox.service import report_incident

# Incidents that stop sender, confirmer and indexer until an operator has looked.
HALTING = ("chain_diverged", "chain_went_back", "nodes_disagree", "wrong_chain")
STOPS: dict[type[Exception], str] = {ChainDiverged: "chain_diverged", WrongChain: "wrong_chain"}


class TransactionSigner(Protocol):
    """The signer process, as the sender sees it."""

    def address_of(self, role: str) -> str: ...

    def sign_transaction(self, role: str, transaction: dict[str, Any]) -> bytes: ...


class AlreadyDone(Exception):  # noqa: N818 - it is a state of the books
    """What a row is to bring about stands in our books as final: there is nothing to send."""

    def __init__(self, item: OutboxItem) -> None:
        super().__init__(f"{item.kind} {item.key}")
        self.item_id = item.id


FailureHandler = Callable[[Session, OutboxItem, Reverted, datetime], None]
TurnHandler = Callable[[Session, OutboxItem], None]
About = Callable[[Session, OutboxItem], dict[str, Any]]


@dataclass(frozen=True)
class Edge:
    """`addresses` by contract name, of those in force; `others` stand beside them;
    `first_block` the first that can hold an event of ours.

    `on_failure`: what the owner of a kind does when the chain refused a row for good. `on_turn`:
    what it writes into the row that goes out next. `artefacts`: where all that is sent is kept,
    with `about`, the ids by which the owner of a kind finds its rows again.
    """

    database: Database
    clock: Clock
    client: ChainClient
    signer: TransactionSigner
    addresses: Mapping[str, str]
    first_block: int
    chain: ChainDescriptor
    artefacts: Path
    on_failure: Mapping[str, FailureHandler] = field(default_factory=dict)
    on_turn: Mapping[str, TurnHandler] = field(default_factory=dict)
    about: Mapping[str, About] = field(default_factory=dict)
    gas_price: int = 0
    others: Sequence[Generation] = ()

    def places(self, contract: str) -> tuple[str, ...]:
        """Where a contract stands or stood, the one in force first."""
        earlier = (one.address for one in self.others if one.contract == contract)
        return (self.addresses[contract], *earlier)

    @property
    def heard(self) -> list[str]:
        """Every contract whose events are read."""
        return [*self.addresses.values(), *(one.address for one in self.others)]


@contextmanager
def stopping(edge: Edge, stops: Mapping[type[Exception], str] = STOPS) -> Iterator[None]:
    """Whatever must stop everything is an incident, whoever finds it; nothing is deleted."""
    try:
        yield
    except tuple(stops) as error:
        with edge.database.transaction() as session:
            code, now = stops[type(error)], edge.clock.now(session)
            report_incident(session, code=code, detail=str(error)[:500], now=now)
        raise


def check_not_halted(session: Session) -> None:
    """Raises Halted while an incident that stops everything waits to be acknowledged."""
    found = session.scalars(
        select(Incident.detail).where(  # type: ignore[call-overload]
            col(Incident.code).in_(HALTING), col(Incident.acknowledged_at).is_(None)
        )
    ).first()
    if found is not None:
        raise Halted(found)

"""What the chain says, read from public events and a few calls at one block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from eth_abi.exceptions import DecodingError

from app.chain.contracts.abi import call_data, call_result, entry_of, log_arguments, topic_of
from app.chain.contracts.artifacts import load_artifact
from app.chain.log_seals import KIND
from app.reporting.audit.node import Answers, CannotCheckError

REGISTRY_EVENTS = (
    "BatchCommitted", "BatchCancelled", "CellPublished", "CellsPublished", "HandedOver", "TookOver",
)  # fmt: skip
NOBODY = "0x" + "0" * 40
MOST_GENERATIONS = 100


@dataclass(frozen=True)
class Event:
    name: str
    block: int
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class ProgrammeState:
    """A programme's money in cents, as the contract holds it at the audit's block."""

    id: bytes
    earn_until: int  # seconds since 1970, as the next too
    spend_until: int
    token_supply: int
    funded: int
    minted: int
    paid_out: int
    expired: int
    given_back: int
    returned: int
    funding_confirmed: int  # sum of the FundingConfirmed events

    @property
    def givenback_and_expired(self) -> int:
        """What went back to the programme and may be returned to its funder."""
        return self.given_back + self.expired


@dataclass(frozen=True)
class LogRoots:
    """Days since 1970-01-01 whose root of the access log the chain holds; times of two blocks."""

    days: frozenset[int]
    began: datetime
    now: datetime


@dataclass(frozen=True)
class Evidence:
    """All that the checks need. `block`: where the calls were made; events go up to it."""

    block: int
    chain_id: int
    genesis_hash: str
    events: tuple[Event, ...]
    running_hash: bytes
    batch_count: int
    totals: Mapping[bytes, Mapping[str, int]]
    programmes: tuple[ProgrammeState, ...]
    log_roots: LogRoots | None = None


@dataclass(frozen=True)
class Places:
    """Where to look: the contracts, and the first block that can hold an event of theirs.

    `registry`: any of those that replaced one another; the others are found from it, on the chain.
    Without `anchor` nothing is said about the access log.
    """

    registry: str
    programmes: str
    first_block: int
    anchor: str | None = None


class Contract:
    """A contract of ours at one block. Raises CannotCheckError for whatever is no clear answer."""

    def __init__(self, node: Answers, name: str, address: str, block: int) -> None:
        self.node, self.address, self.block = node, address, block
        self.abi = load_artifact(name).abi

    def __call__(self, function: str, *arguments: Any) -> Any:
        entry = entry_of(self.abi, "function", function)
        data = call_data(entry, arguments)
        answer = self.node.call(self.address, data, self.block)
        try:
            return call_result(entry, answer)
        except (DecodingError, ValueError) as error:
            what = f"{self.address} gave no answer to {function}"
            raise CannotCheckError(f"{what}: is the contract there, on this chain?") from error

    def events(self, names: tuple[str, ...], first: int) -> tuple[Event, ...]:
        entries = {topic_of(e): e for e in (entry_of(self.abi, "event", n) for n in names)}
        logs = self.node.logs(self.address, list(entries), first, self.block)
        try:
            logs.sort(key=lambda log: (int(log["blockNumber"], 16), int(log["logIndex"], 16)))
            return tuple(_event(entries[log["topics"][0]], log) for log in logs)
        except (DecodingError, ValueError, LookupError) as error:
            what = f"{self.node.name} gave logs of {self.address}"
            raise CannotCheckError(f"{what} that are not those of {', '.join(names)}") from error


def _event(entry: Mapping[str, Any], log: Mapping[str, Any]) -> Event:
    return Event(entry["name"], int(log["blockNumber"], 16), log_arguments(entry, log))


def gather(node: Answers, places: Places) -> Evidence:
    """Reads everything at the node's head. Raises CannotCheckError."""
    block = node.head()
    registries = lineage(node, places.registry, block)
    registry = registries[-1]
    programmes = Contract(node, "Programmes", places.programmes, block)
    ids = [programmes("programmeIdAt", i) for i in range(programmes("programmeCount"))]
    confirmed = programmes.events(("FundingConfirmed",), places.first_block)
    return Evidence(
        block=block,
        chain_id=node.chain_id(),
        genesis_hash=node.genesis_hash(),
        events=registry_events(registries, places.first_block),
        running_hash=registry("runningHash"),
        batch_count=registry("batchCount"),
        totals={programme: registry("totals", programme) for programme in ids},
        programmes=tuple(_money(node, programmes, programme, confirmed) for programme in ids),
        log_roots=_log_roots(node, places, block) if places.anchor is not None else None,
    )


def lineage(node: Answers, registry: str, block: int) -> tuple[Contract, ...]:
    """The registries that replaced one another, from the first to the one in force.

    Each must name its neighbours, as they name it: or anybody's contract could claim to go on with
    the city's books. Raises CannotCheckError.
    """
    here = Contract(node, "ActionRegistry", registry, block)
    found = [here]
    while len(found) < MOST_GENERATIONS and (before := found[0]("predecessor")) != NOBODY:
        found.insert(0, Contract(node, "ActionRegistry", before, block))
    while len(found) < MOST_GENERATIONS and (after := found[-1]("successor")) != NOBODY:
        found.append(Contract(node, "ActionRegistry", after, block))
    for old, new in pairwise(found):
        named = str(old("successor")), str(new("predecessor"))
        if [one.lower() for one in named] != [new.address.lower(), old.address.lower()]:
            raise CannotCheckError(f"{new.address} says it replaced {old.address}, which differs")
    return tuple(found)


def registry_events(registries: Iterable[Contract], first: int) -> tuple[Event, ...]:
    """Of every registry in turn: what one took stands before what the next took."""
    return tuple(event for one in registries for event in one.events(REGISTRY_EVENTS, first))


def _log_roots(node: Answers, places: Places, block: int) -> LogRoots:
    anchor = Contract(node, "Anchor", places.anchor or "", block)
    committed = anchor.events(("RootCommitted",), places.first_block)
    days = frozenset(e.arguments["day"] for e in committed if e.arguments["kind"] == KIND)
    return LogRoots(days, node.time(places.first_block), node.time(block))


def _money(
    node: Answers, programmes: Contract, programme_id: bytes, confirmed: tuple[Event, ...]
) -> ProgrammeState:
    state = programmes("programme", programme_id)
    token = Contract(node, "ImpactToken", state["token"], programmes.block)
    funding = [
        e.arguments["amount"] for e in confirmed if e.arguments["programmeId"] == programme_id
    ]
    return ProgrammeState(
        id=programme_id,
        earn_until=state["earnUntil"],
        spend_until=state["spendUntil"],
        token_supply=token("totalSupply"),
        funded=state["funded"],
        minted=state["minted"],
        paid_out=state["paidOut"],
        expired=state["expired"],
        given_back=state["givenBack"],
        returned=state["returned"],
        funding_confirmed=sum(funding),
    )

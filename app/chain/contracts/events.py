"""The contracts' events as frozen dataclasses, and the registry that says who listens.

Each package keeps `HANDLERS: Handlers` in its `projections.py`: event class -> f(event, session).
A handler is told of final events only, in chain order, once, inside the transaction that moves the
final cursor; it must not commit. Amounts are cents, ids 32 raw bytes, addresses checksummed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, get_type_hints

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class At:
    """Where an event stands on the chain."""

    block_number: int
    block_hash: bytes
    block_time: datetime
    log_index: int
    transaction_hash: bytes
    contract: str


@dataclass(frozen=True)
class Event:
    at: At


@dataclass(frozen=True)
class ProgrammeCreated(Event):
    programme_id: bytes
    token: str


@dataclass(frozen=True)
class RuleSetChanged(Event):
    programme_id: bytes
    version: int
    rule_set_hash: bytes


@dataclass(frozen=True)
class FundingConfirmed(Event):
    programme_id: bytes
    bank_reference: bytes
    amount: int


@dataclass(frozen=True)
class ProposalWithdrawn(Event):
    programme_id: bytes
    bank_reference: bytes


@dataclass(frozen=True)
class ProgrammeClosed(Event):
    """Whatever non-payees held has expired."""

    programme_id: bytes
    expired: int


@dataclass(frozen=True)
class GivenBack(Event):
    programme_id: bytes
    holder: str
    amount: int


@dataclass(frozen=True)
class PayeeStateChanged(Event):
    """1 active (also on registration), 2 closing, 3 closed."""

    payee: str
    state: int


@dataclass(frozen=True)
class PaidOut(Event):
    pay_out_reference: bytes
    programme_id: bytes
    payee: str
    amount: int


@dataclass(frozen=True)
class BatchCommitted(Event):
    batch_id: bytes
    programme_id: bytes
    sequence: int
    root: bytes
    action_count: int
    reward: int
    accounts: int


@dataclass(frozen=True)
class Credit:
    log_index: int
    address: str
    amount: int


@dataclass(frozen=True)
class CreditsMinted(Event):
    """All mints of one batch: built from its token's transfers, told before BatchCommitted."""

    batch_id: bytes
    programme_id: bytes
    credits: tuple[Credit, ...]


@dataclass(frozen=True)
class BatchCancelled(Event):
    batch_id: bytes


@dataclass(frozen=True)
class Cell:
    action_type_id: int
    action_type_version: int
    proof_level: int
    month: int
    correction: bool
    actions: int
    reward: int
    metrics: list[int]
    root: bytes


@dataclass(frozen=True)
class CellPublished(Event):
    programme_id: bytes
    period: int
    index: int
    cell: Cell


@dataclass(frozen=True)
class CellsPublished(Event):
    programme_id: bytes
    period: int
    sum_root: bytes
    cells: int
    kept_back_actions: int
    kept_back_reward: int


@dataclass(frozen=True)
class OrderExecuted(Event):
    order_id: bytes
    payment_id: bytes
    programme_id: bytes
    payer: str
    payee: str
    amount: int


@dataclass(frozen=True)
class RefundExecuted(Event):
    refund_id: bytes
    order_id: bytes
    programme_id: bytes
    payee: str
    payer: str
    amount: int


@dataclass(frozen=True)
class KeyRegistered(Event):
    key: str
    kind: int
    scope_hash: bytes
    valid_from: int
    valid_until: int


@dataclass(frozen=True)
class KeyRevoked(Event):
    key: str
    for_cause: bool


@dataclass(frozen=True)
class RootCommitted(Event):
    kind: bytes
    day: int
    root: bytes


Handler = Callable[[Any, Session], None]
Handlers = Mapping[type[Event], Handler]


@dataclass(frozen=True)
class Listeners:
    """Who is told: `prepare` of all events of a step at once, then each handler of each event."""

    handlers: Sequence[Handlers]
    prepare: Callable[[Sequence[Event], Session], None] = lambda _events, _session: None


_NAMES = {"sender": "from"}  # no word of Python's


def event_of(name: str, at: At, arguments: Mapping[str, Any]) -> Event | None:
    """The dataclass of a decoded log; None for events that nobody is told of."""
    kind = _told().get(name)
    return None if kind is None else kind(at=at, **_values(kind, arguments))


@cache
def _told() -> dict[str, type[Event]]:
    """By name; asked after every module of events was imported."""
    return {one.__name__: one for one in Event.__subclasses__() if one is not CreditsMinted}


def _values(kind: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(hint, arguments[said]) for name, hint, said in _members(kind)}


@cache
def _members(kind: Any) -> list[tuple[str, Any, str]]:
    """Name, type, and name in the contract, of all but the place."""
    hints = get_type_hints(kind)
    names = [one.name for one in fields(kind) if one.name != "at"]
    said = {name: name[0] + name.title().replace("_", "")[1:] for name in names} | _NAMES
    return [(name, hints[name], said[name]) for name in names]


def _value(kind: Any, value: Any) -> Any:
    if kind is bytes:
        return bytes.fromhex(value[2:])
    return Cell(**_values(Cell, value)) if kind is Cell else value

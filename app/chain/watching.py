"""Watching the nodes: each by itself, whether or not anything is to be sent.

Two nodes that tell different chains, another genesis, or heads that stay below what we have seen
stop everything: nobody knows which books are right. A node that is gone or lags, a chain that
stands still, clocks that differ and a transaction that isn't mined are alarms that end when their
reason does. What was seen last stands in `chain_node`, for the operator's page and for the jobs,
which leave a node that lags (`lagging.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.edge import Edge
from app.chain.errors import ChainError, WrongChain
from app.chain.models import ChainCursor
from app.chain.rpc.answers import Block
from app.chain.rpc.client import ChainClient
from app.chain.rpc.lagging import DATABASE_TIME, laggards
from app.outbox.idle import idle_keys
from app.outbox.leases import Fence
from app.outbox.models import ChainNode, ChainTransaction, Incident, TransactionState
from app.outbox.service import incident_passed, report_incident

CLOCKS_MAY_DIFFER = timedelta(seconds=30)
UNMINED_IS_LATE = timedelta(minutes=2)  # while blocks are made; a city's transactions take seconds
STANDS_STILL = timedelta(minutes=3)
UNMINED = (TransactionState.PREPARED, TransactionState.BROADCAST)


@dataclass(frozen=True)
class Times:
    """`now` by the clock that people see; `real` by the database's own, for how long a state has
    lasted: whoever moves the first must not stop the chain."""

    now: datetime
    real: datetime


@dataclass(frozen=True)
class Look:
    """What one node said; `deep`: blocks of its that must be every other's too, by number."""

    label: str
    head: Block | None
    deep: Mapping[int, Block] = field(default_factory=dict)
    trouble: str | None = None
    foreign: bool = False


def run(edge: Edge, fence: Fence, clients: Mapping[str, ChainClient], low_for: timedelta) -> int:
    """Look at every node; how many answered. Nothing is read or sent because of it."""
    with edge.database.session() as session:  # before: a head asked for earlier can't be below it
        seen = session.get(ChainCursor, "seen")
    looks = [_look(label, client) for label, client in clients.items()]
    depth = edge.chain.finality_depth
    deepest = {look.head.number - depth for look in looks if look.head}
    looks = [_compare(clients[look.label], look, deepest, depth) for look in looks]
    with edge.database.transaction() as session:
        fence.check(session)
        times = Times(edge.clock.now(session), session.execute(DATABASE_TIME).scalar_one())
        why_low = _why_low(looks, seen, times, timedelta(seconds=edge.chain.lag_seconds))
        rows = [_note(session, look, times, low=look.label in why_low) for look in looks]
        session.execute(delete(ChainNode).where(col(ChainNode.label).not_in(clients)))
        _alarm(session, looks, rows, why_low, times)
        _stop(session, looks, rows, times, low_for)
        to_final = timedelta(seconds=edge.chain.finality_depth * edge.chain.block_seconds)
        _late(session, rows, times, UNMINED_IS_LATE + 2 * to_final)
    return sum(look.head is not None for look in looks)


def _look(label: str, client: ChainClient) -> Look:
    try:
        return Look(label, client.head())
    except WrongChain as error:
        return Look(label, None, trouble=str(error), foreign=True)
    except ChainError as error:
        return Look(label, None, trouble=str(error)[:300])


def _compare(client: ChainClient, look: Look, deepest: set[int], depth: int) -> Look:
    """Any two are held against each other as far as the one that has less is final."""
    if look.head is None:
        return look
    numbers = [number for number in deepest if 0 <= number <= look.head.number - depth]
    try:
        found = {number: client.block(number) for number in numbers}
    except ChainError as error:
        return Look(look.label, None, trouble=str(error)[:300])
    return replace(look, deep={number: block for number, block in found.items() if block})


def _differing(looks: list[Look]) -> tuple[int, dict[str, Block]] | None:
    """The first number of which nodes tell different blocks, and what each tells."""
    told: dict[int, dict[str, Block]] = defaultdict(dict)
    for look in looks:
        for number, block in look.deep.items():
            told[number][look.label] = block
    differ = [one for one, by in told.items() if len({block.hash for block in by.values()}) > 1]
    return (min(differ), told[min(differ)]) if differ else None


def _why_low(
    looks: list[Look], seen: ChainCursor | None, times: Times, lag: timedelta
) -> dict[str, str]:
    """Nodes whose heads are below what we have seen, or lag beside another's."""
    heads = {look.label: look.head for look in looks if look.head}
    below = {
        label: f"its head is block {head.number}, and we have seen later ones"
        for label, head in heads.items()
        if seen is not None and head.number < seen.number
    }
    return ({} if _differing(looks) else laggards(heads, times.now, lag)) | below


def _note(session: Session, look: Look, times: Times, *, low: bool) -> ChainNode:
    row = session.get(ChainNode, look.label)
    if row is None:
        row = ChainNode(label=look.label, advanced_at=times.real)
        session.add(row)
    row.trouble = look.trouble
    if look.head is None:
        return row
    if row.head_number is None or look.head.number > row.head_number:
        row.advanced_at = times.real
    row.head_number, row.head_hash, row.head_time = (
        look.head.number,
        look.head.hash,
        look.head.time,
    )
    row.answered_at = times.real
    row.low_since = (row.low_since or times.real) if low else None
    return row


def _alarm(
    session: Session,
    looks: list[Look],
    rows: list[ChainNode],
    why_low: Mapping[str, str],
    times: Times,
) -> None:
    """What passes by itself, node by node."""
    for look, row in zip(looks, rows, strict=True):
        fresh = look.head is not None and row.advanced_at == times.real and row.low_since is None
        ahead = look.head.time - times.now if look.head else timedelta()
        differ = f"its newest block is {abs(ahead.total_seconds()):.0f} s from our clock"
        states = {
            "node_unreachable": look.trouble if look.head is None else None,
            "node_behind": why_low.get(look.label),
            "clocks_differ": differ if fresh and abs(ahead) > CLOCKS_MAY_DIFFER else None,
        }
        if not fresh:
            del states["clocks_differ"]  # an old block says nothing about clocks
        for code, detail in states.items():
            _state(session, code, detail and f"{look.label}: {detail}", look.label, times.now)


def _stop(
    session: Session,
    looks: list[Look],
    rows: list[ChainNode],
    times: Times,
    low_for: timedelta,
) -> None:
    """What stops everything until an operator has looked."""
    now = times.now
    for look in looks:
        if look.foreign:
            report_incident(session, code="wrong_chain", detail=str(look.trouble), now=now)
    if differing := _differing(looks):
        number, told = differing
        said = ", ".join(f"{label} 0x{block.hash.hex()[:8]}" for label, block in told.items())
        detail = f"block {number}, final by now, differs: {said}"
        report_incident(session, code="nodes_disagree", detail=detail, now=now)
    if _all_low(rows, times.real - low_for):
        detail = "every node has stood below blocks that we have seen for too long"
        report_incident(session, code="chain_went_back", detail=detail, now=now)


def _all_low(rows: list[ChainNode], since: datetime) -> bool:
    """Whether some node answers, and none has been seen where it should be for so long: one that
    has just gone, having been high, leaves the others time to catch up."""
    lows = [
        row.low_since or (row.answered_at if row.trouble else None)
        for row in rows
        if row.answered_at
    ]
    answers = any(row.trouble is None for row in rows)
    return answers and all(low is not None and low <= since for low in lows)


def _late(session: Session, rows: list[ChainNode], times: Times, final_within: timedelta) -> None:
    """The chain as a whole, what of each key gets no further, and keys that send nothing."""
    newest = max((row.advanced_at for row in rows if row.advanced_at), default=None)
    still = newest is not None and times.real - newest >= STANDS_STILL
    since = f"no node has had a new block since {newest:%Y-%m-%d %H:%M:%S} UTC" if newest else ""
    _state(session, "chain_stands_still", since if still else None, None, times.now)
    now = times.now
    unmined = {} if still else _overdue(session, now, UNMINED, UNMINED_IS_LATE)
    mined = {} if still else _overdue(session, now, (TransactionState.MINED,), final_within)
    idle = {} if still else idle_keys(session, now)
    lates = {"transaction_unmined": unmined, "transaction_not_final": mined, "key_idle": idle}
    for code, late in lates.items():
        for signer in {*late, *_open_references(session, code)}:
            _state(session, code, late.get(signer), signer, now)


def _overdue(
    session: Session, now: datetime, states: Sequence[TransactionState], within: timedelta
) -> dict[str, str]:
    """By key its oldest transaction that has stayed in these states for too long."""
    query = select(ChainTransaction).where(col(ChainTransaction.state).in_(states))
    lowest_last = session.scalars(query.order_by(col(ChainTransaction.nonce).desc()))
    oldest = {row.signer: row for row in lowest_last}
    return {
        signer: f"nonce {row.nonce}, {row.kind}: signed {row.signed_at:%Y-%m-%d %H:%M:%S} UTC"
        for signer, row in oldest.items()
        if now - (row.mined_at or row.signed_at) >= within
    }


def _open_references(session: Session, code: str) -> set[str]:
    """What open incidents of this code are about."""
    query = select(col(Incident.reference)).where(
        col(Incident.code) == code, col(Incident.acknowledged_at).is_(None)
    )
    return {found for found in session.scalars(query) if found}


def _state(
    session: Session, code: str, detail: str | None, reference: str | None, now: datetime
) -> None:
    if detail is None:
        incident_passed(session, code=code, now=now, reference=reference)
    else:
        report_incident(session, code=code, detail=detail, now=now, reference=reference)

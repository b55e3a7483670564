"""Sending: sign, store nonce and bytes and hash, commit, and only then hand over to a node.

One unmined transaction per key: so a simulation always sees what came before, no gap can open, and
rows of one signer reach the chain in their order. A crash anywhere leaves either nothing, or stored
bytes that are sent again as they are; the same bytes can't execute twice. When the chain went back
(a node came back from its last dump) everything above its nonce is sent again, in nonce order.
A queue drains at the chain's own pace: what stands next goes out as soon as a block has come.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app import telemetry
from app.chain.contracts.calls import Call
from app.chain.contracts.desks import call_for, of_one_place
from app.chain.contracts.failures import settle, settle_refusal
from app.chain.edge import AlreadyDone, Edge, check_not_halted, stopping
from app.chain.errors import (
    ChainError,
    KeyUsedElsewhere,
    NodeRefused,
    NonceMissing,
    NotAllowed,
    NotFunded,
    Reverted,
    TooMuchGas,
)
from app.chain.sending.broadcasting import broadcast, of_key, rebroadcast
from app.chain.sending.by_key import each
from app.chain.sending.filling import TOO_LARGE
from app.chain.typed import keccak
from app.outbox.leases import Fence
from app.outbox.models import ChainTransaction, OutboxItem, OutboxState, TransactionState
from app.outbox.pauses import pause, paused
from app.outbox.queue import lock_waiting, next_items, signers_at_work
from app.outbox.service import report_incident

log = telemetry.logger("chain")
TRANSACTION_GAS = 16_700_000  # EIP-7825 caps a transaction at 16,777,216
IDLE_ROUNDS = 3  # the first comes at once; a block may lack what had just been handed over
LOOKS_EVERY = 0.05  # seconds, for the next block

# What a node refuses to try, as the name of a refusal: see `failures.KIND_OF`.
REFUSALS: dict[type[ChainError], str] = {
    NotFunded: "NotFunded",
    NotAllowed: "NotAllowed",
    TooMuchGas: TOO_LARGE,
    NodeRefused: "NodeRefused",
}
STOPS_KEY: dict[type[ChainError], str] = {
    KeyUsedElsewhere: "key_used_elsewhere",  # whoever has our key must be found first
    NonceMissing: "nonce_missing",
}


@dataclass(frozen=True)
class Planned:
    """Rows that one call can carry, and the gas that it may use."""

    items: list[OutboxItem]
    call: Call
    gas: int


def drain(edge: Edge, fence: Fence, seconds: float) -> int:
    """Rounds, one with each new block, while they send something; no new one after so long, or
    when no block comes that should. How many new transactions were sent."""
    until, seen = time.monotonic() + seconds, None
    sent = run(edge, fence)
    idle = 0 if sent else IDLE_ROUNDS
    while idle < IDLE_ROUNDS and (seen := _next_head(edge, seen, until)) is not None:
        new = run(edge, fence)
        sent, idle = sent + new, 0 if new else idle + 1
    return sent


def _next_head(edge: Edge, seen: int | None, until: float) -> int | None:
    """Another head than the one seen; None when none comes in time."""
    until = min(until, time.monotonic() + 2 * edge.chain.block_seconds)
    while (head := edge.client.head().number) == seen:
        if time.monotonic() > until:
            return None
        time.sleep(LOOKS_EVERY)
    return head if time.monotonic() < until else None


def run(edge: Edge, fence: Fence) -> int:
    """One round over all signers with something to do; how many new transactions were sent."""
    with edge.database.session() as session:
        check_not_halted(session)
        at_work = signers_at_work(session)
        if not at_work:  # nearly always
            return 0
        standing = paused(session)
    roles = [(role, role) for role in at_work if role not in standing]
    with stopping(edge):
        return each(edge, fence, roles, lambda role: serve(edge, fence, role))


def serve(edge: Edge, fence: Fence, role: str) -> bool:
    """Send again what isn't mined, else the next rows. True if a new transaction went out.

    Nonce and bytes go through one node: another need not know yet what this one knows.
    """
    try:
        with edge.client.one_node():
            if not rebroadcast(edge, fence, role):
                return False
            prepared = prepare(edge, fence, role)
            if prepared is not None:
                broadcast(edge, fence, prepared)
    except (KeyUsedElsewhere, NonceMissing) as error:
        with edge.database.transaction() as session:
            stop_key(session, edge, role, error)
        return False
    return prepared is not None


def stop_key(session: Session, edge: Edge, role: str, why: ChainError) -> None:
    """Its nonces aren't as our rows have them: somebody must look before it goes on."""
    code, now = STOPS_KEY[type(why)], edge.clock.now(session)
    report_incident(session, code=code, detail=str(why), now=now, reference=role)
    pause(session, role, reason=f"by Civis: {why}", now=now)


def prepare(edge: Edge, fence: Fence, role: str) -> ChainTransaction | None:
    """Choose rows, simulate, sign and store; nothing has left the process when this returns."""
    items = of_one_place(edge, _next(edge, fence, role))
    if not items:
        return None
    address = edge.signer.address_of(role)
    try:
        planned = _plan(edge, items, address)
    except (Reverted, NotFunded, NotAllowed, TooMuchGas, NodeRefused) as error:
        refusal = _refusal(error)
        blamed = items[:1] if refusal.name == TOO_LARGE else items
        _refused(edge, fence, blamed, refusal)
        return None
    transaction = _signed(edge, role, address, planned)
    with edge.database.transaction() as session:
        fence.check(session)
        _store(session, transaction, lock_waiting(session, planned.items))
    return transaction


def _refused(edge: Edge, fence: Fence, items: list[OutboxItem], refusal: Reverted) -> None:
    with edge.database.transaction() as session:
        fence.check(session)
        mine, now = lock_waiting(session, items), edge.clock.now(session)
        settle_refusal(session, mine, refusal, now, edge.on_failure)


def _plan(edge: Edge, items: list[OutboxItem], address: str) -> Planned:
    """As many of the rows, from the first on, as a block holds, tried before they are signed.
    Raises what the chain says against all of them, or against the first alone: it is too large."""
    most = min(TRANSACTION_GAS, edge.client.head().gas_limit or TRANSACTION_GAS)
    while True:
        call = call_for(edge, items)
        try:
            return Planned(items, call, _gas(edge, call, address, most))
        except (Reverted, TooMuchGas) as error:
            if len(items) == 1 or _refusal(error).name != TOO_LARGE:
                raise
            items = items[: len(items) // 2]


def _refusal(error: ChainError) -> Reverted:
    if isinstance(error, Reverted):
        return error
    return Reverted(REFUSALS[type(error)], {"because": str(error)})


def _next(edge: Edge, fence: Fence, role: str) -> list[OutboxItem]:
    """The rows whose turn it is; what depends on the turn is written before they are simulated."""
    with edge.database.session() as session:
        items = next_items(session, role, edge.clock.now(session))
    if not items or items[0].kind not in edge.on_turn:
        return items
    try:
        with edge.database.transaction() as session:
            fence.check(session)
            mine = lock_waiting(session, items)
            for item in mine:
                edge.on_turn[item.kind](session, item)
    except Reverted as refusal:  # by whoever wrote the row: its time has not come
        _refused(edge, fence, items, refusal)
        return []
    except AlreadyDone as done:  # it was taken for refused, or sent by a copy of our books
        log.warning("already_done", row=str(done))
        with edge.database.transaction() as session:
            fence.check(session)
            [item] = lock_waiting(session, [one for one in items if one.id == done.item_id])
            settle(session, item, edge.clock.now(session))
        return []
    return mine


def _gas(edge: Edge, call: Call, address: str, most: int) -> int:
    """Gas limit with room. Raises Reverted when the call would fail, or needs too much."""
    needed = edge.client.estimate(call.to, call.data, address)
    if needed > most:
        raise Reverted(TOO_LARGE, {"gas": needed, "most": most})
    return min(needed + needed // 4 + 20_000, most)


def _signed(edge: Edge, role: str, address: str, planned: Planned) -> ChainTransaction:
    """The next transaction of the key; its nonce comes from the rows, at first from the chain."""
    with edge.database.session() as session:
        stored = of_key(session, edge, address)
        now = edge.clock.now(session)
    nonce = stored[-1].nonce + 1 if stored else edge.client.nonce(address)
    call = planned.call
    unsigned: dict[str, Any] = {
        "type": 2,
        "chainId": edge.client.chain_id,
        "nonce": nonce,
        "gas": planned.gas,
    }
    unsigned |= {"to": call.to, "value": 0, "data": "0x" + call.data.hex()}
    unsigned |= {"maxFeePerGas": edge.gas_price, "maxPriorityFeePerGas": edge.gas_price}
    raw = edge.signer.sign_transaction(role, unsigned)
    return ChainTransaction(
        kind=planned.items[0].kind,
        signer=role,
        signer_address=address,
        chain_id=edge.client.chain_id,
        nonce=nonce,
        raw=raw,
        hash=keccak(raw),
        state=TransactionState.PREPARED,
        signed_at=now,
    )


def _store(session: Session, transaction: ChainTransaction, items: list[OutboxItem]) -> None:
    session.add(transaction)
    session.flush()  # two writers on one key end here: the nonce is unique
    for item in items:
        item.state, item.waits_until = OutboxState.SENT, None
        item.transaction_id = transaction.id
        item.attempts += 1

"""Bringing a restored database up to the chain: all of it, or nothing and the reasons.

First what was sent comes back from the artefact store, key by key. Then every batch on the chain
must have its list in the books, and what the banks were told; last the journal's ends are done
again. Nobody is signed in afterwards. Callers commit only what is matched.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.backup.ends_of_money import doubted
from app.backup.replaying import replay
from app.backup.taking_over import Reasons, Taking
from app.chain.contracts.codec import decode_answer, decode_event, encode_call, event_topic
from app.chain.edge import Edge
from app.chain.models import ChainCursor
from app.identity.models import Account, SignInSession
from app.journal import Reading
from app.merchants.bank_files_kept import files_again
from app.rewards.models import Batch, BatchState

LIVE = (BatchState.FROZEN, BatchState.FINAL)


@dataclass
class Report:
    """`unmatched` keeps the doors shut; `lost` is gone for good and told to the operator."""

    head: int
    batches_on_chain: int
    batches_matched: int
    nonces_taken: dict[str, int]
    replayed: dict[str, int]
    unmatched: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    torn_lines: int = 0

    @property
    def matched(self) -> bool:
        return not self.unmatched

    def plain(self) -> dict[str, Any]:
        return {**asdict(self), "matched": self.matched}


@dataclass(frozen=True)
class Decided:
    """What only the operator can say. `erase`, `keep`: subjects whose erasure the journal leaves
    open; by key and nonce, `strangers`: why whoever used it wasn't us, `fill`: why what we signed
    with it is lost for good."""

    erase: Collection[str] = ()
    keep: Collection[str] = ()
    strangers: Reasons = field(default_factory=dict)
    fill: Reasons = field(default_factory=dict)


def match(
    session: Session, edge: Edge, reading: Reading, now: datetime, decided: Decided
) -> Report:
    """Raises ChainError when no node answers, Problem when no signer does."""
    head = edge.client.head().number
    strangers = {**_earlier_strangers(reading), **decided.strangers}
    taking = Taking(session, edge, now, strangers, decided.fill)
    taking.take_over()
    on_chain, matched, strange = _batches(session, edge, head)
    released = [one.ids["file"] for one in reading.entries if _released(one.kind, one.done)]
    taking.remarks += files_again(session, edge.artefacts, frozenset(released), now)
    replayed = replay(session, reading, now)
    for subject in (one for one in replayed.unsure if one in decided.erase):
        _erase(session, reading, subject, now)
    undecided = set(replayed.unsure) - set(decided.erase) - set(decided.keep)
    unsure = [f"whether {one} was erased is not known: --erase or --keep it" for one in undecided]
    _sign_everybody_out(session, now)
    return Report(
        head=head,
        batches_on_chain=on_chain,
        batches_matched=matched,
        nonces_taken={role: len(nonces) for role, nonces in taking.nonces.items()},
        replayed=dict(replayed.done),
        unmatched=[*taking.unmatched, *strange, *sorted(unsure)],
        lost=[*taking.remarks, *_nobodys(session), *doubted(session)],
        torn_lines=reading.torn,
    )


def _earlier_strangers(reading: Reading) -> dict[tuple[str, int], str]:
    """What an operator said after an earlier restore of the same backup."""
    return {
        (one.ids["address"], int(one.ids["nonce"])): "as after an earlier restore"
        for one in reading.entries
        if one.kind == journal.STRANGER_TAKEN and one.done
    }


def _released(kind: str, done: bool) -> bool:
    return kind == journal.BANK_FILE_RELEASED and done


def _erase(session: Session, reading: Reading, subject: str, now: datetime) -> None:
    """As if its line were closed."""
    mine = [
        journal.Entry(one.id, one.at, one.kind, one.ids, done=True)
        for one in reading.entries
        if one.kind == journal.ERASED and one.ids["subject"] == subject
    ]
    replay(session, Reading(tuple(mine), 0), now)


def _batches(session: Session, edge: Edge, head: int) -> tuple[int, int, list[str]]:
    """How many the registry holds, how many of them our books hold in the same place, and those
    since the backup that they don't."""
    registry = edge.addresses["ActionRegistry"]
    asked = encode_call("ActionRegistry", "batchCount", [])
    answer = edge.client.read(registry, asked, block=hex(head))
    on_chain = int(decode_answer("ActionRegistry", "batchCount", answer))
    strange = []
    for batch_id, place in _committed(session, edge, head):
        batch = session.get(Batch, batch_id)
        if batch is None or batch.sequence != place or batch.state not in LIVE:
            strange.append(f"batch 0x{batch_id.hex()} is on the chain, and no list of it is here")
    ours = select(func.count()).where(col(Batch.sequence) < on_chain, col(Batch.state).in_(LIVE))
    held = int(session.scalar(ours) or 0)
    if held != on_chain and not strange:
        strange.append(f"the registry holds {on_chain} batches, the books {held}")
    return on_chain, held - len(strange) if held == on_chain else held, strange


def _committed(session: Session, edge: Edge, head: int) -> list[tuple[bytes, int]]:
    """Id and place of each batch above the block that the books hold as final, in whichever
    registry was in force then."""
    cursor = session.get(ChainCursor, "final")
    start = edge.first_block if cursor is None else cursor.number + 1
    topic, step = event_topic("ActionRegistry", "BatchCommitted"), edge.chain.log_range
    registries, found = edge.places("ActionRegistry"), list[tuple[bytes, int]]()
    for first in range(start, head + 1, step):
        last = min(first + step - 1, head)
        for log in edge.client.logs(first, last, registries, [topic]):
            event = decode_event(log.topics, log.data)
            if event is not None:
                said = event.arguments
                found.append((bytes.fromhex(said["batchId"][2:]), int(said["sequence"])))
    return found


def _nobodys(session: Session) -> list[str]:
    """Accounts that batches since the backup credited and that no book knows: made after the last
    archived log. Their keys are lost with them; a recovery brings their tokens to their owners."""
    credited = {
        address
        for batch in session.scalars(select(Batch).where(col(Batch.final_at).is_(None)))
        for address, _ in batch.credits
    }
    known = select(col(Account.address)).where(col(Account.address).in_(credited))
    lost = sorted(credited - set(session.scalars(known)))
    return [f"the account {one} was credited, and nobody here is its owner" for one in lost]


def _sign_everybody_out(session: Session, now: datetime) -> None:
    """Sign-outs since the backup are forgotten, so no session counts any more."""
    live = update(SignInSession).where(col(SignInSession.ended_at).is_(None))
    session.execute(live.values(ended_at=now))

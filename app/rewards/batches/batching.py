"""Cutting batches: due actions become frozen content, in one database transaction.

A batch is fixed once: leaves, root, net credits sorted by account, and the id that is their hash.
`sequence` is the number of batches of our own books before it, never read from the chain: the
registry refuses a batch whose number differs from its count, so a database that was restored from
a backup can't mint twice. The list of actions lies, on disk for certain, outside the database
before anything can be sent. Amounts in cents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action
from app.chain.typed import keccak
from app.impact.leaf import leaf_hash
from app.impact.trees import BatchTree
from app.outbox.service import enqueue
from app.privacy.service import salts_for
from app.rewards.batches.artefacts import write_artefact
from app.rewards.batches.choosing import Chosen, choose, ripe
from app.rewards.batches.due import Limits, takable
from app.rewards.batches.leaves import leaf_of
from app.rewards.batches.marks import without_counted
from app.rewards.batches.settling import move_actions
from app.rewards.models import Batch, BatchState, Programme

ORDER_LOCK = 0x43495649  # whoever writes rows for the minter takes it first: order is meaning

Credit = tuple[str, int]

_FREEZE = text("""
    update action set batch_id = :batch, leaf = frozen.leaf, leaf_index = frozen.place
    from unnest(cast(:ids as uuid[]), cast(:leaves as bytea[]), cast(:places as int[]))
        as frozen (id, leaf, place)
    where action.id = frozen.id
""")


@dataclass(frozen=True)
class Content:
    """What a batch's id is the hash of, and the leaves that its root commits to."""

    programme: bytes
    root: bytes
    actions: tuple[Action, ...]
    leaves: tuple[bytes, ...]
    credits: tuple[Credit, ...]

    @property
    def id(self) -> bytes:
        """keccak256(abi.encode(programmeId, root, actionCount, credits))."""
        packed = pack_credits(self.credits)
        head = [self.programme, self.root, _word(len(self.actions)), _word(4 * 32)]
        return keccak(b"".join([*head, _word(len(packed)), *packed]))


def lock_order(session: Session) -> None:
    """Writers of the minter's rows, one after the other until their transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(ORDER_LOCK)))


def cut_batch(
    session: Session, programme: Programme, *, folder: Path, now: datetime, limits: Limits
) -> Batch | None:
    """Freeze the programme's next batch and announce it; None when none is ripe.

    The caller commits. A crash before leaves at most an artefact that nothing refers to.
    """
    lock_order(session)
    due = takable(session, programme, now, limits)
    due = replace(due, actions=without_counted(session, programme, due.actions, now))
    chosen = choose(session, programme, due, now, limits)
    if not ripe(programme, chosen, now):
        return None
    content = _unused(session, programme, chosen)
    if content is None:
        return None
    batch = Batch(
        id=content.id,
        programme_id=programme.id,
        sequence=next_sequence(session),
        root=content.root,
        action_count=len(content.actions),
        reward_cents=sum(cents for _, cents in content.credits),
        credits=[list(credit) for credit in content.credits],
        artefact=f"{content.id.hex()}.json",
        state=BatchState.FROZEN,
        created_at=now,
    )
    session.add(batch)
    session.flush()
    _freeze(session, batch, content, now)
    announce(session, batch, programme, now)
    write_artefact(session, folder, batch, content.actions, content.leaves)
    return batch


def _unused(session: Session, programme: Programme, chosen: Chosen) -> Content | None:
    """What was cut before and taken apart is barred on the chain under its id: the same deeds go
    out in another composition, the last of them later. None when one alone is left: it waits."""
    while chosen.accounts:
        content = build(session, programme, chosen)
        if session.get(Batch, content.id) is None:
            return content
        chosen = replace(chosen, actions=chosen.actions[:-1])
    return None


def build(session: Session, programme: Programme, chosen: Chosen) -> Content:
    """Leaves in the order of due dates, credits netted and sorted."""
    actions = chosen.actions
    salts = salts_for(session, [(action.person_id, action.id) for action in actions])
    leaves = tuple(leaf_hash(leaf_of(action, salts[action.id])) for action in actions)
    root = BatchTree(leaves).root
    return Content(programme.chain_id, root, actions, leaves, net_credits(actions))


def net_credits(actions: Sequence[Action]) -> tuple[Credit, ...]:
    """One positive amount per account, sorted as the registry wants it."""
    sums: dict[str, int] = defaultdict(int)
    for action in actions:
        sums[action.account_address] += action.reward_cents
    credited = [(address, cents) for address, cents in sums.items() if cents > 0]
    return tuple(sorted(credited, key=lambda credit: int(credit[0], 16)))


def pack_credits(credits_: Sequence[Credit]) -> list[bytes]:
    """Each as (uint160 account << 96) | uint96 amount."""
    return [bytes.fromhex(address[2:]) + cents.to_bytes(12, "big") for address, cents in credits_]


def next_sequence(session: Session) -> int:
    """Batches in our books that count; the caller holds the order lock."""
    highest = session.scalar(select(func.max(col(Batch.sequence))))
    return 0 if highest is None else int(highest) + 1


def announce(session: Session, batch: Batch, programme: Programme, now: datetime) -> None:
    if batch.sequence is None:
        raise ValueError("a failed batch is never announced")
    enqueue(
        session,
        kind="commit_batch",
        key=batch.id.hex(),
        payload={
            "batch_id": batch.id,
            "expected_count": batch.sequence,
            "programme_id": programme.chain_id,
            "root": batch.root,
            "action_count": batch.action_count,
            "credits": pack_credits([(address, cents) for address, cents in batch.credits]),
        },
        now=now,
    )


def _freeze(session: Session, batch: Batch, content: Content, now: datetime) -> None:
    values = {
        "batch": batch.id,
        "ids": [action.id for action in content.actions],
        "leaves": list(content.leaves),
        "places": list(range(len(content.leaves))),
    }
    session.execute(_FREEZE, values)
    move_actions(session, batch_id=batch.id, before="authenticated", after="batched", now=now)


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")

"""Batches and publications that a restored database doesn't know, written again from their lists.

Deeds that the books hold join the batch that credited them, whatever they waited for; deeds that
were recorded after the last archived log are gone with their figures' detail: they are counted as
lost in their batch and their cells, so that the public sums go on adding up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action
from app.chain.edge import About
from app.chain.sending.restored_rows import Again, Came, Unmatched
from app.chain.typed import checksum
from app.impact.trees import BatchTree
from app.outbox.models import OutboxItem, OutboxState
from app.rewards.batches.artefacts import lost_batch
from app.rewards.batches.batching import lock_order
from app.rewards.batches.cells import mark_published
from app.rewards.batches.refused import batch_barred
from app.rewards.batches.settling import move_actions
from app.rewards.batches.turns import UNSENT
from app.rewards.models import Batch, BatchState, CellPublication, Programme

NOT_DONE = (*UNSENT, OutboxState.SENT)
WAITING = ("recorded", "authenticated", "quarantined")  # what no batch holds, and one may
_JOIN = text("""
    update action set batch_id = :batch, leaf = listed.leaf, leaf_index = listed.place,
        reward_cents = case when state = 'recorded' then listed.cents else reward_cents end
    from unnest(cast(:ids as uuid[]), cast(:leaves as bytea[]), cast(:places as int[]),
        cast(:rewards as bigint[])) as listed (id, leaf, place, cents)
    where action.id = listed.id and action.batch_id is null
      and action.state in ('recorded', 'authenticated', 'quarantined')
""")


class Listed(NamedTuple):
    """A deed as its batch's list has it; `mark`: see batches.marks."""

    id: UUID
    leaf: bytes
    cents: int
    mark: str


def batch_again(session: Session, came: Came) -> list[str]:
    """Raises Unmatched when its list is missing or another one's."""
    lock_order(session)
    payload, batch_id = came.item.payload, bytes.fromhex(came.item.key)
    programme = _programme(session, payload)
    listed = _listed(came.artefacts / f"{came.item.key}.json", payload["root"])
    batch = session.get(Batch, batch_id, with_for_update=True)
    if batch is None:
        batch = _batch(batch_id, programme, payload, listed, came.now)
        session.add(batch)
    place = int(payload["expected_count"])
    if batch.sequence != place:
        batch.sequence = None
        session.flush()
        _make_room(session, place)
        batch.sequence = place
    batch.state = BatchState.FINAL if batch.final_at else BatchState.FROZEN
    session.flush()
    held = _join(session, batch_id, listed, came.now)
    batch.lost_marks = [one.mark for one in listed if one.id not in held]
    batch.lost_actions = len(batch.lost_marks)
    session.flush()
    if not batch.lost_actions:
        return []
    return [f"batch 0x{came.item.key}: {batch.lost_actions} of {len(listed)} deeds are lost"]


def _listed(path: Path, root: str) -> list[Listed]:
    """Ids, leaves and rewards in order; what the chain's root commits to."""
    try:
        said = json.loads(path.read_text(encoding="ascii"))
    except OSError as error:
        raise Unmatched(f"the list of the batch {path.stem} is missing: {path}") from error
    rows = [Listed(UUID(a[0]), bytes.fromhex(a[1][2:]), int(a[2]), a[3]) for a in said["actions"]]
    if "0x" + BatchTree([one.leaf for one in rows]).root.hex() != root:
        raise Unmatched(f"the list of the batch {path.stem} is not the one that the chain holds")
    return rows


def _batch(
    batch_id: bytes,
    programme: Programme,
    payload: dict[str, Any],
    listed: Sequence[Listed],
    now: datetime,
) -> Batch:
    credited = [(checksum(one[:42]), int(one[42:], 16)) for one in payload["credits"]]
    return Batch(
        id=batch_id,
        programme_id=programme.id,
        root=bytes.fromhex(payload["root"][2:]),
        action_count=len(listed),
        reward_cents=sum(cents for _, cents in credited),
        credits=[list(credit) for credit in credited],
        artefact=f"{batch_id.hex()}.json",
        state=BatchState.FROZEN,
        created_at=now,
    )


def _make_room(session: Session, place: int) -> None:
    """Whoever has this place in the books was never sent, or was refused before another got it: it
    goes behind all others, and takes its real place when its turn comes. Would the chain hold it
    after all, then that is seen when each batch there is matched to its place."""
    other = session.scalars(select(Batch).where(col(Batch.sequence) == place)).first()
    if other is None:
        return
    row = _row(session, other.id, NOT_DONE)
    if row is None:
        raise Unmatched(f"two batches have the place {place}: one is 0x{other.id.hex()}")
    highest = session.scalars(
        select(col(Batch.sequence))
        .where(col(Batch.sequence).is_not(None))
        .order_by(col(Batch.sequence).desc())
    ).first()
    other.sequence = max(highest or 0, place) + 1
    row.payload = {**row.payload, "expected_count": other.sequence}
    session.flush()


def _row(session: Session, batch_id: bytes, states: Sequence[OutboxState]) -> OutboxItem | None:
    query = select(OutboxItem).where(
        col(OutboxItem.kind) == "commit_batch",
        col(OutboxItem.key) == batch_id.hex(),
        col(OutboxItem.state).in_(states),
    )
    return session.scalars(query).first()


def _join(session: Session, batch_id: bytes, listed: Sequence[Listed], now: datetime) -> set[UUID]:
    """The deeds of the list that the books hold in this batch now. Raises Unmatched."""
    ids = [one.id for one in listed]
    values = {
        "batch": batch_id,
        "ids": ids,
        "leaves": [one.leaf for one in listed],
        "places": list(range(len(listed))),
        "rewards": [one.cents for one in listed],
    }
    session.execute(_JOIN, values)
    for before in WAITING:
        move_actions(session, batch_id=batch_id, before=before, after="batched", now=now)
    held = session.execute(
        select(col(Action.id), col(Action.batch_id)).where(col(Action.id).in_(ids))
    ).all()
    elsewhere = [str(row[0]) for row in held if row[1] not in (None, batch_id)]
    if elsewhere:
        raise Unmatched(f"deeds of 0x{batch_id.hex()} are in another batch too: {elsewhere}")
    return {row[0] for row in held if row[1] == batch_id}


def cancel_again(session: Session, came: Came) -> list[str]:
    """Its deeds are free at once where the chain bars it: a later batch on the chain has them."""
    lock_order(session)
    batch = session.get(Batch, bytes.fromhex(came.item.key), with_for_update=True)
    batch = batch or lost_batch(session, came.artefacts, came.item.key, came.now)
    if batch is None or batch.state is BatchState.CANCELLED:
        return []
    row = _row(session, batch.id, NOT_DONE)  # refused, or it would not be barred: never sent again
    if row is not None:
        row.state = OutboxState.FAILED
    batch.sequence, batch.state = None, BatchState.FAILED
    if came.executed:
        batch_barred(session, batch, came.now)
    session.flush()
    return []


def cells_about(session: Session, item: OutboxItem) -> dict[str, Any]:
    """Whose deeds the cells count, and whose they take back."""
    programme, period = _programme(session, item.payload), item.payload["period"]

    def ids(column: Any) -> list[str]:
        query = select(col(Action.id)).where(
            col(Action.programme_id) == programme.id, column == period
        )
        return [str(one) for one in session.scalars(query.order_by(col(Action.id)))]

    return {
        "counted": ids(col(Action.published_period)),
        "taken_back": ids(col(Action.reversal_published_period)),
    }


def cells_again(session: Session, came: Came) -> list[str]:
    lock_order(session)
    payload = came.item.payload
    programme, period = _programme(session, payload), int(payload["period"])
    if session.get(CellPublication, (programme.id, period)) is not None:
        return []
    counted = _known(session, came.about["counted"])
    mark_published(session, counted, period, correction=False)
    mark_published(session, _known(session, came.about["taken_back"]), period, correction=True)
    reward = sum(cell["reward"] for cell in payload["cells"] if not cell["correction"])
    lost = len(came.about["counted"]) - len(counted)
    publication = CellPublication(
        programme_id=programme.id,
        period=period,
        sum_root=bytes.fromhex(payload["sum_root"][2:]),
        cells=payload["cells"],
        kept_back_actions=payload["kept_back_actions"],
        kept_back_reward_cents=payload["kept_back_reward"],
        created_at=came.now,
        lost_actions=lost,
        lost_reward_cents=reward - sum(action.reward_cents for action in counted),
    )
    session.add(publication)
    session.flush()
    return [f"cells of period {period}: {lost} deeds that they count are lost"] if lost else []


def _known(session: Session, ids: Sequence[str]) -> list[Action]:
    found = select(Action).where(col(Action.id).in_([UUID(one) for one in ids]))
    return list(session.scalars(found.execution_options(populate_existing=True)))


def _programme(session: Session, payload: dict[str, Any]) -> Programme:
    chain_id = bytes.fromhex(payload["programme_id"][2:])
    found = session.scalars(select(Programme).where(col(Programme.chain_id) == chain_id)).first()
    if found is None:
        raise Unmatched(f"the books don't know the programme {payload['programme_id']}")
    return found


ABOUT: Mapping[str, About] = {"publish_cells": cells_about}
AGAIN: Mapping[str, Again] = {
    "commit_batch": batch_again,
    "cancel_batch": cancel_again,
    "publish_cells": cells_again,
}

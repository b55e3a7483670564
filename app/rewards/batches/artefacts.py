"""What a restored database must not have to guess: each batch's actions, outside of it.

A file holds ids, leaves, rewards and marks only: without the database and its keys it says nothing
about anybody.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action
from app.keyfiles import sync_folder
from app.rewards.batches.marks import marks_of
from app.rewards.models import Batch, BatchState


def write_artefact(
    session: Session, folder: Path, batch: Batch, actions: Sequence[Action], leaves: Sequence[bytes]
) -> Path:
    """On disk for certain when this returns; written again, it is the same file."""
    listed = [
        [str(action.id), "0x" + leaf.hex(), action.reward_cents, mark]
        for action, leaf, mark in zip(actions, leaves, marks_of(session, actions), strict=True)
    ]
    return _write(folder, batch, listed)


def ensure_artefact(session: Session, folder: Path, batch: Batch) -> Path:
    """Before it is sent: a list that was lost since is written again, from what is frozen."""
    if (folder / batch.artefact).exists():
        return folder / batch.artefact
    query = select(Action).where(col(Action.batch_id) == batch.id)
    actions = session.scalars(query.order_by(col(Action.leaf_index))).all()
    leaves = [action.leaf or b"" for action in actions]
    return write_artefact(session, folder, batch, actions, leaves)


def leaves_of(session: Session, folder: Path, batch: Batch) -> list[bytes]:
    """All leaves of a batch, in order: from the books, or from its list where a restore lost deeds
    of it. Raises OSError when that is missing."""
    if batch.lost_actions:
        said = json.loads((folder / batch.artefact).read_text(encoding="ascii"))
        return [bytes.fromhex(one[1][2:]) for one in said["actions"]]
    query = select(col(Action.leaf)).where(col(Action.batch_id) == batch.id)
    return [leaf or b"" for leaf in session.scalars(query.order_by(col(Action.leaf_index)))]


def lost_batch(session: Session, folder: Path, key: str, now: datetime) -> Batch | None:
    """One that no book knows and that is barred, in the books for its id alone: cut alike again, it
    would be refused. None where a deed of its list is lost: then it can't be cut again."""
    path = folder / f"{key}.json"
    said = json.loads(path.read_text(encoding="ascii")) if path.exists() else {"actions": []}
    ids = [UUID(one[0]) for one in said["actions"]]
    held = session.scalars(select(col(Action.programme_id)).where(col(Action.id).in_(ids))).all()
    if not ids or len(held) < len(ids):
        return None
    batch = Batch(
        id=bytes.fromhex(key),
        programme_id=held[0],
        root=bytes.fromhex(said["root"][2:]),
        action_count=len(ids),
        reward_cents=sum(one[2] for one in said["actions"]),
        credits=[],
        artefact=path.name,
        state=BatchState.FAILED,
        created_at=now,
    )
    session.add(batch)
    session.flush()
    return batch


def _write(folder: Path, batch: Batch, listed: list[list[Any]]) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = {
        "batch": "0x" + batch.id.hex(),
        "root": "0x" + batch.root.hex(),
        "actions": listed,
    }
    target = folder / batch.artefact
    draft = target.with_suffix(".draft")
    with draft.open("w", encoding="ascii") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
    sync_folder(folder)
    return target

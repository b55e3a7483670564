"""A person's own slice of the access log: their entries, and the ways up to the days' roots.

With each entry comes the key of this entry alone, so that whoever is shown the slice reads what was
sealed, and needs nobody's word for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.impact.trees import BatchTree
from app.privacy.access_log import accesses_to, entry_key
from app.privacy.models import AccessRecord, AccessSeal
from app.reporting.access.entries import (
    day_tree,
    entries_under,
    entry_month,
    hashes_of,
    seals_of_day,
    stated,
)
from app.reporting.access.proof import FORMAT
from app.reporting.export import chain_of

Json = dict[str, Any]
_SIGNED = col(AccessSeal.signature).is_not(None)


def own_slice(session: Session, subject_id: UUID, deployment_file: Path) -> Json:
    """As JSON, for `civis verify`. What is not sealed yet has no `seal`; today has no root yet."""
    seals = _seals_over(session, subject_id)
    ways = _ways(session, seals)
    rows = session.scalars(accesses_to(subject_id).order_by(col(AccessRecord.id)))
    return {
        "format": FORMAT,
        "chain": chain_of(deployment_file),
        "subject": str(subject_id),
        "entries": [_entry(session, row) | ways.get(row.id, {}) for row in rows],
        "seals": [*_of_days(session, seals)],
    }


def _entry(session: Session, row: AccessRecord) -> Json:
    return {
        "id": str(row.id),
        "at": row.at.isoformat(),
        "written": row.written,
        "sealed": _hex(row.entry_sealed),
        "key": _hex(entry_key(session, row)),
    }


def _seals_over(session: Session, subject_id: UUID) -> list[AccessSeal]:
    """Those over an entry of the subject, in order."""
    written = col(AccessRecord.written)
    over = and_(
        written >= col(AccessSeal.written_from),
        written < col(AccessSeal.written_before),
        col(AccessSeal.month) == entry_month,
    )
    numbers = (
        select(col(AccessSeal.number))
        .join(AccessRecord, over)
        .where(_SIGNED, col(AccessRecord.subject_id) == subject_id)
    )
    query = select(AccessSeal).where(col(AccessSeal.number).in_(numbers))
    return list(session.scalars(query.order_by(col(AccessSeal.number))))


def _ways(session: Session, seals: Iterable[AccessSeal]) -> dict[UUID, Json]:
    """From every entry under these seals, by id, to the root of its seal."""
    found: dict[UUID, Json] = {}
    for seal in seals:
        entries = entries_under(session, stated(seal))
        tree = BatchTree(hashes_of(entries))
        for index, entry in enumerate(entries):
            found[entry.id] = {"seal": seal.number, "index": index, "path": _path(tree, index)}
    return found


def _of_days(session: Session, seals: Iterable[AccessSeal]) -> Iterable[Json]:
    """Each seal with its way to the root of its day; a day that isn't over has none."""
    last = session.scalar(select(func.max(col(AccessSeal.day))).where(_SIGNED)) or 0
    for day, group in groupby(seals, key=lambda seal: seal.day):
        all_of_day = seals_of_day(session, day)
        tree, first = day_tree(all_of_day), all_of_day[0].number
        for seal in group:
            index = seal.number - first
            way = {"index": index, "count": len(all_of_day), "path": _path(tree, index)}
            yield {
                **stated(seal).to_json(),
                "signature": _hex(seal.signature or b""),
                "in_day": {**way, "root": _hex(tree.root)} if day < last else None,
            }


def _path(tree: BatchTree, index: int) -> list[str]:
    return [_hex(sibling) for sibling in tree.path(index)]


def _hex(value: bytes) -> str:
    return "0x" + value.hex()

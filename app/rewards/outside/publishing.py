"""Outside data is proposed by one officer and confirmed by another; then it never changes.

Whoever proposes imports this module, so that whatever process proposes can confirm too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem
from app.governance.models import Proposal
from app.governance.service import carries, propose
from app.rewards.outside import problems
from app.rewards.outside.documents import Document, InvalidDocumentError, document
from app.rewards.outside.models import OutsideData, OutsideKind
from app.rewards.programmes import check_near
from app.rewards.rule_sets.published import Refusal

__all__ = ["KIND", "problems", "propose_outside", "publish_outside"]

KIND = "outside-data"


def propose_outside(
    session: Session, said: object, *, valid_from: datetime, by: UUID, now: datetime
) -> Proposal:
    """The first or the next version of what a name stands for. Raises Problem."""
    found = checked(said)
    before = newest(session, found.kind, found.name)
    _check(before, found, valid_from, now)
    payload = found.to_json() | {
        "valid_from": valid_from.isoformat(),
        "hash": f"0x{found.hash.hex()}",
        "version": before.version + 1 if before else 1,
    }
    return propose(session, KIND, f"{found.kind.value}:{found.name}", payload, by=by, now=now)


def publish_outside(
    session: Session,
    found: Document,
    *,
    valid_from: datetime,
    now: datetime,
    by: tuple[UUID | None, UUID | None] = (None, None),
) -> OutsideData:
    """`by`: who proposed and who confirmed; None: the installation itself. Raises Problem."""
    before = newest(session, found.kind, found.name)
    _check(before, found, valid_from, now)
    added = OutsideData(
        kind=found.kind,
        name=found.name,
        version=before.version + 1 if before else 1,
        data=found.data,
        hash=found.hash,
        source=found.source,
        licence=found.licence,
        valid_from=valid_from,
        created_at=now,
        created_by=by[0],
        confirmed_by=by[1],
    )
    session.add(added)
    session.flush()
    return added


def checked(said: object) -> Document:
    """Raises Problem outside-invalid, with the place of the first fault."""
    try:
        return document(said)
    except InvalidDocumentError as error:
        path = error.fault.path
        what = Refusal(path, error.fault)
        raise Problem("outside-invalid", field=path, path=path, what=what) from error


def newest(session: Session, kind: OutsideKind, name: str) -> OutsideData | None:
    query = select(OutsideData).where(col(OutsideData.kind) == kind, col(OutsideData.name) == name)
    return session.scalars(query.order_by(col(OutsideData.version).desc()).limit(1)).one_or_none()


def _check(
    before: OutsideData | None, after: Document, valid_from: datetime, now: datetime
) -> None:
    """Nothing was valued by a name's first version, so that may begin in the past."""
    check_near(valid_from, now)
    if before is None:
        return
    if before.hash == after.hash:
        raise Problem("outside-unchanged", version=before.version)
    if valid_from < now:
        raise Problem("outside-in-the-past", field="valid_from")


@carries(KIND)
def _publish(session: Session, proposal: Proposal, by: UUID, now: datetime) -> None:
    said: dict[str, Any] = dict(proposal.payload)
    begin = datetime.fromisoformat(said["valid_from"])
    found = checked({name: said[name] for name in ("kind", "name", "source", "licence", "data")})
    publish_outside(session, found, valid_from=begin, now=now, by=(proposal.proposed_by, by))

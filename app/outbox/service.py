"""Announcing to the chain: a row here is the only way anything is ever sent.

`enqueue` is called in the database transaction whose state it announces, and never commits. An
incident is named in the log and stands on the operator's page until somebody has looked, or, if
it is a state that passes by itself, until it has passed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import telemetry
from app.chain.contracts.calls import call_of
from app.outbox.kinds import KINDS, OFFICER, REGISTRAR, TREASURERS, encode_payload
from app.outbox.models import Incident, OutboxItem, OutboxState

log = telemetry.logger("outbox")


def enqueue(
    session: Session,
    *,
    kind: str,
    key: str,
    payload: dict[str, Any],
    now: datetime,
    signer: str | None = None,
    not_before: datetime | None = None,
) -> OutboxItem:
    """Write one call that must reach the chain once: a second row of this `key` is refused, but for
    an officer's deed that is entered again after a restore: the row that came back is its row.
    `payload`: value by argument, see `kinds.KINDS`; `signer` only where several may send it."""
    known = KINDS[kind]
    sender = signer or (known.signers[0] if len(known.signers) == 1 else None)
    if sender not in known.signers:
        raise ValueError(f"{kind} is sent by one of {known.signers}, not by {signer}")
    item = OutboxItem(
        kind=kind,
        key=key,
        signer=sender,
        payload=encode_payload(known, payload),
        state=OutboxState.WAITING,
        created_at=now,
        not_before=not_before,
    )
    call_of([item], {known.contract: ""})  # what can't be encoded must fail here, not in the queue
    if (came_back := _came_back(session, item)) is not None:
        return came_back
    session.add(item)
    session.flush()
    return item


def came_back(session: Session, kind: str, key: str) -> dict[str, Any] | None:
    """What a call says that was sent already, where what announced it was forgotten."""
    found = _sent(session, kind, key)
    return None if found is None else found.payload


def _came_back(session: Session, item: OutboxItem) -> OutboxItem | None:
    """The very same call."""
    if KINDS[item.kind].signers[0] not in (OFFICER, REGISTRAR, *TREASURERS):
        return None
    found = _sent(session, item.kind, item.key)
    return found if found is not None and found.payload == item.payload else None


def _sent(session: Session, kind: str, key: str) -> OutboxItem | None:
    query = select(OutboxItem).where(
        col(OutboxItem.kind) == kind,
        col(OutboxItem.key) == key,
        col(OutboxItem.state).in_((OutboxState.SENT, OutboxState.FINAL)),
    )
    return session.scalars(query).first()


def report_incident(
    session: Session, *, code: str, detail: str, now: datetime, reference: str | None = None
) -> Incident:
    """Note something that must never be normal; once, until the operator has acknowledged it."""
    open_one = session.scalars(_open(code, reference)).first()
    if open_one is not None:
        return open_one
    incident = Incident(at=now, code=code, detail=detail, reference=reference)
    session.add(incident)
    session.flush()
    log.error("incident", incident=code, detail=detail, reference=reference)
    return incident


def incident_passed(
    session: Session, *, code: str, now: datetime, reference: str | None = None
) -> bool:
    """What was reported is over: nobody has to look any more. Whether anything was open."""
    passed = session.scalars(_open(code, reference)).all()
    for incident in passed:
        incident.acknowledged_at = now
        log.info("incident_passed", incident=code, reference=reference)
    return bool(passed)


def _open(code: str, reference: str | None) -> Select[Incident]:
    return select(Incident).where(
        col(Incident.code) == code,
        col(Incident.reference) == reference,
        col(Incident.acknowledged_at).is_(None),
    )

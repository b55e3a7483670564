"""All that emergency access opens: three things that stop or answer, and are never the money's.

Each leaves its mark in the same transaction. Nothing of it reaches the chain or the signer, but
that a wallet which stands still is paid from by neither. Callers commit.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import NotFound, Problem
from app.governance.emergencies import note_act, open_for
from app.governance.emergency_models import EmergencyDeed
from app.identity.block_models import WalletBlock
from app.privacy.service import Actor
from app.recovery.blocks import block_in_emergency
from app.recovery.proposing import known_person
from app.rewards import programmes
from app.rewards.models import Programme
from app.rights import requests
from app.rights.models import RequestKind, RightsRequest

ROLE = "emergency"  # as which the person is named in the log of who looked


def block(session: Session, known_by: str, *, by: UUID, now: datetime) -> WalletBlock:
    """Somebody's wallet stands still for 72 hours; any officer lifts it. Who looks for somebody in
    vain is seen to have looked. Raises Problem recovery-person-unknown, which keeps that."""
    access = open_for(session, by, now)  # before anybody is looked for
    try:
        person = known_person(session, known_by)
    except Problem as problem:
        note_act(session, by, EmergencyDeed.SEEK, access.id, now)
        problem.keep = True
        raise
    made = block_in_emergency(session, person.id, by=by, now=now)
    note_act(session, by, EmergencyDeed.BLOCK, made.id, now)
    return made


def pause(session: Session, programme_id: UUID, *, by: UUID, now: datetime) -> Programme:
    """It records nothing more; what was accepted is credited and paid."""
    note_act(session, by, EmergencyDeed.PAUSE, programme_id, now)
    return programmes.pause(session, programme_id, by=by, now=now)


def late_requests(
    session: Session, *, by: UUID, now: datetime
) -> list[tuple[RightsRequest, str | None]]:
    """With the person's words; each look is marked, and stands in the person's log."""
    open_for(session, by, now)
    found = []
    for row in requests.waiting(session):
        if row.due_at <= now and row.person_id != by:
            note_act(session, by, EmergencyDeed.READ, row.id, now)
            found.append((row, requests.read(session, row, Actor(by, ROLE), now)[0]))
    return found


def answer(
    session: Session, request_id: UUID, *, granted: bool, text: str, by: UUID, now: datetime
) -> RightsRequest:
    """Of a request that is late; no refusal here lets a use go on. Raises Problem
    emergency-not-late."""
    note_act(session, by, EmergencyDeed.ANSWER, request_id, now)
    found = session.get(RightsRequest, request_id)
    if found is None:
        raise NotFound
    stays_stopped = granted or found.kind is not RequestKind.OBJECTION
    if now < found.due_at or not stays_stopped:
        raise Problem("emergency-not-late")
    return requests.answer(session, request_id, granted=granted, text=text, by=by, now=now)

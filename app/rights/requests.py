"""Requests about one's own data: a clock of a month each, a person who answers, a journal.

A restriction holds at once, as long as the person wants; nobody has to grant it. An objection stops
its use at once, and for good unless an officer finds weightier grounds. Callers commit.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.db import uuid7
from app.errors import NotFound, Problem
from app.identity.mandates.queries import guardians_of
from app.privacy import halts
from app.privacy.service import Actor, Ref, open_sealed, seal
from app.rights import letters, problems
from app.rights.models import RequestKind, RequestState, RightsRequest, RightsStep
from app.rights.months import months_after

__all__ = ["problems"]

PURPOSE = "rights"
ANSWER_MONTHS, LONGER_MONTHS = 1, 2  # GDPR, article 12(3)
SELF_MADE = (RequestKind.RESTRICTION,)  # needs nobody's answer


def ask(
    session: Session,
    person_id: UUID,
    kind: RequestKind,
    *,
    text: str | None,
    purpose: str | None = None,
    by: UUID | None = None,
    now: datetime,
) -> RightsRequest:
    """Received, and what needs no answer done; `by`: an officer, on the person's word.

    Raises Problem request-open, request-text-missing, objection-not-possible.
    """
    if kind is RequestKind.RECTIFICATION and not text:
        raise Problem("request-text-missing", field="text")
    _check_none_open(session, person_id, kind, purpose)
    if kind in (RequestKind.RESTRICTION, RequestKind.OBJECTION):
        wanted = purpose if kind is RequestKind.OBJECTION else None
        if kind is RequestKind.OBJECTION and wanted is None:
            choices = ", ".join(halts.objectionable())
            raise Problem("objection-not-possible", field="purpose", choices=choices)
        halts.halt(session, person_id, wanted, now)
    by = by or person_id
    made = _received(session, person_id, kind, text=text, purpose=purpose, by=by, now=now)
    if kind in SELF_MADE:
        _close(session, made, RequestState.GRANTED, by=by, now=now)
    letters.tell_received(session, made, now)
    return made


def note_done(
    session: Session, person_id: UUID, kind: RequestKind, now: datetime, *, by: UUID | None = None
) -> RightsRequest:
    """What the person, or an officer on their word, did (an export, a closing), for the journal."""
    by = by or person_id
    made = _received(session, person_id, kind, by=by, now=now)
    _close(session, made, RequestState.GRANTED, by=by, now=now)
    return made


def withdraw(
    session: Session,
    request_id: UUID,
    *,
    person_id: UUID,
    by: UUID | None = None,
    now: datetime,
) -> None:
    """By who asked; an objection's use goes on. No guardian takes back what is said of them."""
    found, by = _open(session, request_id), by or person_id
    of_guardian = found.kind is RequestKind.GUARDIANSHIP and by in guardians_of(session, person_id)
    if found.person_id != person_id or of_guardian:
        raise NotFound
    if found.kind is RequestKind.OBJECTION:
        halts.resume(session, person_id, found.purpose, now)
    _close(session, found, RequestState.WITHDRAWN, by=by, now=now)


def end_restriction(
    session: Session, person_id: UUID, now: datetime, *, by: UUID | None = None
) -> None:
    """The person lets all uses go on; twice changes nothing."""
    if all(one.purpose is not None for one in halts.open_halts(session, person_id)):
        return
    halts.resume(session, person_id, None, now)
    asked = of_person(person_id).where(col(RightsRequest.kind) == RequestKind.RESTRICTION)
    last = session.scalar(asked.order_by(col(RightsRequest.id).desc()).limit(1))
    if last is not None:
        _note(session, last, "ended", by=by or person_id, now=now)


def answer(
    session: Session, request_id: UUID, *, granted: bool, text: str, by: UUID, now: datetime
) -> RightsRequest:
    """An officer's answer, which the person reads. An objection refused: the use goes on."""
    found = _open(session, request_id)
    _check_another(session, found, by)
    found.answer_sealed = seal(session, found.person_id, _place(found, "answer_sealed"), text)
    if found.kind is RequestKind.OBJECTION and not granted:
        halts.resume(session, found.person_id, found.purpose, now)
    state = RequestState.GRANTED if granted else RequestState.REFUSED
    _close(session, found, state, by=by, now=now)
    letters.tell_answered(session, found, now)
    return found


def extend(
    session: Session, request_id: UUID, *, text: str, by: UUID, now: datetime
) -> RightsRequest:
    """Two more months, once, told with the reason. Raises Problem request-extended."""
    found = _open(session, request_id)
    _check_another(session, found, by)
    if found.extended or now > found.due_at:
        raise Problem("request-extended")
    found.due_at, found.extended = months_after(found.due_at, LONGER_MONTHS), True
    found.answer_sealed = seal(session, found.person_id, _place(found, "answer_sealed"), text)
    _note(session, found, "extended", by=by, now=now)
    letters.tell_extended(session, found, now)
    return found


def read(
    session: Session, found: RightsRequest, actor: Actor, now: datetime
) -> tuple[str | None, str | None]:
    """The person's words and the answer; an officer's reading is noted, and shown to them."""
    if actor.id != found.person_id:
        _note(session, found, "read", by=actor.id, now=now)
    return (
        _opened(session, found, "text_sealed", actor),
        _opened(session, found, "answer_sealed", actor),
    )


def of_person(person_id: UUID) -> Select[RightsRequest]:
    return select(RightsRequest).where(col(RightsRequest.person_id) == person_id)


def shown_to(person_id: UUID, representative: UUID | None) -> Select[RightsRequest]:
    """The same to whoever acts for them, without what the person says about a guardian."""
    asked = of_person(person_id)
    if representative is None:
        return asked
    return asked.where(col(RightsRequest.kind) != RequestKind.GUARDIANSHIP)


def waiting(session: Session, limit: int = 100) -> list[RightsRequest]:
    """What an officer has to answer, the one with the least time left first."""
    query = select(RightsRequest).where(col(RightsRequest.state) == RequestState.OPEN)
    return list(session.scalars(query.order_by(col(RightsRequest.due_at)).limit(limit)))


def steps_of(session: Session, request_id: UUID) -> list[RightsStep]:
    query = select(RightsStep).where(col(RightsStep.request_id) == request_id)
    return list(session.scalars(query.order_by(col(RightsStep.id))))


def _received(
    session: Session,
    person_id: UUID,
    kind: RequestKind,
    *,
    text: str | None = None,
    purpose: str | None = None,
    by: UUID,
    now: datetime,
) -> RightsRequest:
    made = RightsRequest(
        id=uuid7(),
        person_id=person_id,
        kind=kind,
        purpose=purpose if kind is RequestKind.OBJECTION else None,
        state=RequestState.OPEN,
        received_at=now,
        due_at=months_after(now, ANSWER_MONTHS),
    )
    if text:
        made.text_sealed = seal(session, person_id, _place(made, "text_sealed"), text)
    session.add(made)
    session.flush()
    _note(session, made, "received", by=by, now=now)
    return made


def _check_none_open(
    session: Session, person_id: UUID, kind: RequestKind, purpose: str | None
) -> None:
    if kind is RequestKind.RECTIFICATION:  # several things may be wrong
        return
    query = of_person(person_id).where(
        col(RightsRequest.state) == RequestState.OPEN, col(RightsRequest.kind) == kind
    )
    if kind is RequestKind.OBJECTION:
        query = query.where(col(RightsRequest.purpose) == purpose)
    if session.scalar(query.limit(1)) is not None:
        raise Problem("request-open", field="kind")


def _check_another(session: Session, found: RightsRequest, by: UUID) -> None:
    """Neither whose request it is, nor who entered it on their word, nor their guardian answers."""
    entered = {step.by_person for step in steps_of(session, found.id) if step.what == "received"}
    if by in {found.person_id} | entered | guardians_of(session, found.person_id):
        raise Problem("request-own")


def _open(session: Session, request_id: UUID) -> RightsRequest:
    found = session.get(RightsRequest, request_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    if found.state is not RequestState.OPEN:
        raise Problem("request-closed")
    return found


def _close(
    session: Session, found: RightsRequest, state: RequestState, *, by: UUID, now: datetime
) -> None:
    found.state, found.closed_at = state, now
    _note(session, found, state.value, by=by, now=now)


def _note(
    session: Session, found: RightsRequest, what: str, *, by: UUID | None, now: datetime
) -> None:
    session.add(RightsStep(request_id=found.id, at=now, by_person=by, what=what))
    session.flush()


def _opened(session: Session, found: RightsRequest, column: str, actor: Actor) -> str | None:
    value: bytes | None = getattr(found, column)
    if value is None:
        return None
    place = _place(found, column)
    return open_sealed(session, found.person_id, place, value, purpose=PURPOSE, actor=actor)


def _place(found: RightsRequest, column: str) -> Ref:
    return Ref("rights_request", column, found.id)

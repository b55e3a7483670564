"""What becomes of a person's rows and keys when their account ends, and again after a restore of a
backup that still knew them. Callers commit."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.imports import links
from app.actions.models import ActionState, RiderLinkCode, Visit
from app.identity import service as identity
from app.identity.cards.models import CounterVisit
from app.identity.mandates import service as mandates
from app.privacy.models import IdempotencyKey
from app.recovery.announcing import end_all
from app.recovery.cases import fail_open
from app.recovery.move_models import AnnouncementEnd
from app.rewards.valuing import deeds, found_facts, owed
from app.rights import requests
from app.rights.models import RequestKind

NOT_BATCHED = (ActionState.RECORDED, ActionState.AUTHENTICATED, ActionState.QUARANTINED)
# A day is enough to check a figure; hour and place of a deed could name its doer. First out of
# the way, since no two deeds of a kind may share a minute at any instant.
_AWAY = text("""
    update action set deed_at = deed_at + interval '1000 years' where person_id = :person
""")
_SHARED = text("update action set other_id = null where other_id = :person")
_COARSEN = text("""
    update action set deed_until = null, district = null, told = '{}', other_id = null,
        deed_at = day.start + make_interval(mins => day.place)
    from (
        select id, deed_day::timestamp at time zone 'UTC' as start, (row_number() over (
            partition by action_type_id, deed_day order by deed_at))::int as place
        from action where person_id = :person
    ) as day
    where action.id = day.id
""")


def erase_again(session: Session, person_id: UUID, now: datetime, by: UUID | None = None) -> None:
    """All that becomes of rows and keys, without a question or a letter; also of whoever a restored
    backup has brought back."""
    _end_deeds(session, person_id, now)
    _end_ties(session, person_id, now)
    requests.note_done(session, person_id, RequestKind.ERASURE, now, by=by)
    _forget_copies(session, person_id)
    identity.close_person(session, person_id, now)
    owed.forget_with_hours(session, person_id)


def _end_deeds(session: Session, person_id: UUID, now: datetime) -> None:
    """What is in no batch yet is withdrawn: nothing of it could be sent once its salt is gone."""
    deeds.withdraw_all(session, person_id, NOT_BATCHED, now)
    for statement in (_AWAY, _COARSEN, _SHARED):
        session.execute(statement, {"person": person_id})


def _end_ties(session: Session, person_id: UUID, now: datetime) -> None:
    """To officers who give it back, to partners, and to who acts for the person."""
    fail_open(session, person_id, now)
    end_all(session, person_id, AnnouncementEnd.LEFT, now)
    for link in links.links_of(session, person_id):
        links.revoke_link(session, link_id=link.id, person_id=person_id, now=now)
    mandates.end_all(session, person_id, now)


def _forget_copies(session: Session, person_id: UUID) -> None:
    """Answers kept for repeated requests, unused codes for partners, visits at counters, what was
    found out about their deeds."""
    theirs = col(IdempotencyKey.principal)
    own = delete(IdempotencyKey).where(
        or_(theirs == str(person_id), theirs.startswith(f"{person_id}:"))  # by a representative
    )
    session.execute(own)
    for whose in (RiderLinkCode, CounterVisit, Visit):
        session.execute(delete(whose).where(col(whose.person_id) == person_id))
    found_facts.forget(session, person_id)

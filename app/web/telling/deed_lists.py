"""Lists of deeds for pages: the citizen's own, a counter's day, what an officer looks through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Date, cast, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState, Appeal, AttesterKey, Channel
from app.errors import NotFound
from app.identity.accounts import accounts_of
from app.merchants.models import Merchant, MerchantProgramme, PayeeState
from app.paging import page
from app.rewards.models import Programme, ProgrammeState

PER_PAGE = 12


def own(
    session: Session, person_id: UUID, cursor: str | None
) -> tuple[Sequence[Action], str | None]:
    query = select(Action).where(col(Action.person_id) == person_id)
    return page(session, query, key=Action.id, cursor=cursor, limit=PER_PAGE)


def own_one(session: Session, person_id: UUID, action_id: UUID) -> Action:
    """The person's own deed. Raises NotFound for another's."""
    action = session.get(Action, action_id)
    if action is None or action.person_id != person_id:
        raise NotFound
    return action


def coming(session: Session, person_id: UUID) -> Sequence[Action]:
    """Promised and not settled yet, soonest first."""
    states = (ActionState.AUTHENTICATED, ActionState.BATCHED)
    return session.scalars(
        select(Action)
        .where(
            col(Action.person_id) == person_id,
            col(Action.state).in_(states),
            col(Action.reward_cents) > 0,
        )
        .order_by(col(Action.due_at))
        .limit(PER_PAGE)
    ).all()


def entered_since(session: Session, clerk_id: UUID, since: datetime) -> Sequence[Action]:
    """What a clerk certified, newest first."""
    query = select(Action).where(
        col(Action.entered_by) == clerk_id,
        col(Action.recorded_at) >= since,
        col(Action.channel) == Channel.ATTESTER,
    )
    return session.scalars(query.order_by(col(Action.id).desc()).limit(100)).all()


def last_types(session: Session, clerk_id: UUID, organisation_id: UUID) -> list[str]:
    """Action types that the clerk used, last used first; then what the counter sees most."""
    kind = col(Action.action_type_id)
    own = (
        select(kind)
        .where(col(Action.entered_by) == clerk_id)
        .group_by(kind)
        .order_by(func.max(col(Action.recorded_at)).desc())
    )
    usual = (
        select(kind)
        .where(col(Action.organisation_id) == organisation_id)
        .group_by(kind)
        .order_by(func.count().desc())
    )
    return list(dict.fromkeys([*session.scalars(own), *session.scalars(usual)]))


def of_state(
    session: Session, state: ActionState | None, cursor: str | None
) -> tuple[Sequence[Action], str | None]:
    query = select(Action)
    if state is not None:
        query = query.where(col(Action.state) == state)
    return page(session, query, key=Action.id, cursor=cursor, limit=PER_PAGE)


def open_appeals(session: Session) -> Sequence[Appeal]:
    query = select(Appeal).where(col(Appeal.answered_at).is_(None))
    return session.scalars(query.order_by(col(Appeal.created_at)).limit(PER_PAGE)).all()


def appeal_of(session: Session, action_id: UUID) -> Appeal | None:
    return session.scalars(select(Appeal).where(col(Appeal.action_id) == action_id)).one_or_none()


def own_keys(session: Session, clerk_id: UUID) -> Sequence[AttesterKey]:
    return session.scalars(select(AttesterKey).where(col(AttesterKey.person_id) == clerk_id)).all()


def running_programme(session: Session, at: datetime) -> Programme | None:
    """The programme that deeds are recorded in now: the newest that runs and takes today's."""
    query = select(Programme).where(
        col(Programme.state) == ProgrammeState.RUNNING,
        col(Programme.first_day) <= _day_of(at),
        col(Programme.last_day_to_earn) >= _day_of(at),
    )
    return session.scalars(query.order_by(col(Programme.id).desc()).limit(1)).one_or_none()


def _day_of(at: datetime) -> ColumnElement[date]:
    """The day at a programme."""
    return cast(func.timezone(col(Programme.time_zone), at), Date)


def shops_of(session: Session, person_id: UUID) -> int:
    """How many shops take what the person holds; all active ones before they hold anything."""
    programmes = [account.programme_id for account in accounts_of(session, person_id)]
    query = select(func.count(func.distinct(col(Merchant.organisation_id)))).where(
        col(Merchant.state) == PayeeState.ACTIVE
    )
    if programmes:
        query = query.join(
            MerchantProgramme, col(MerchantProgramme.merchant_id) == col(Merchant.organisation_id)
        ).where(col(MerchantProgramme.programme_id).in_(programmes))
    return int(session.scalar(query) or 0)

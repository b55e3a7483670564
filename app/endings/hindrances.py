"""What keeps a programme from being closed: each with its own sentence, which says how many.

Nothing is closed over an amount that was promised, an objection that nobody has answered, or an
account that its owner can't reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import Mapped, Session
from sqlmodel import col

from app.actions.models import Action, ActionState, Appeal
from app.endings import problems
from app.endings.announcing import untold
from app.errors import FieldProblem
from app.identity.block_models import WalletBlock
from app.identity.models import Account
from app.merchants.contestable import kept_back
from app.merchants.models import Payment, PaymentOrder
from app.money import Euros
from app.privacy.models import Subject
from app.recovery.announcing import standing
from app.recovery.models import OPEN, Recovery
from app.recovery.move_models import AccountMove, AnnouncedMove
from app.rewards import life
from app.rewards.models import Funding, Hold, Programme

__all__ = ["hindrances", "problems"]
NO_CENTS = literal(0)
Selected = Select[*tuple[Any, ...]]
Counted = tuple[str, Callable[[Programme, datetime], Selected]]


def hindrances(session: Session, programme: Programme, now: datetime) -> list[FieldProblem]:
    """All of them, in the order in which an officer meets them; empty: it can be closed."""
    found = [*_days(session, programme, now)]
    for code, query in COUNTED:
        count, cents = session.execute(query(programme, now)).one()
        if count:
            found.append(_hindrance(code, count=count, cents=Euros(cents or 0)))
    return found


def _hindrance(code: str, **values: Any) -> FieldProblem:
    return FieldProblem("programme", code, values)


def _days(session: Session, programme: Programme, now: datetime) -> Iterator[FieldProblem]:
    if programme.end_announced_at is None:
        yield _hindrance("hinders-announcement")
    elif count := untold(session, programme):
        yield _hindrance("hinders-letters", count=count)
    begin = life.closable_from(programme)
    if now <= begin:
        yield _hindrance("hinders-days", from_day=life.DayWords(life.today_of(programme, begin)))


def _holds(programme: Programme, _now: datetime) -> Selected:
    return select(func.count(), func.sum(col(Hold.amount_cents))).where(
        col(Hold.programme_id) == programme.id, col(Hold.ended_at).is_(None)
    )


def _deeds(programme: Programme, _now: datetime) -> Selected:
    """On their way to the chain. What an erased person had promised is promised to nobody."""
    waits = and_(
        col(Action.state) == ActionState.AUTHENTICATED,
        col(Action.reward_cents) > 0,
        col(Subject.erased_at).is_(None),
    )
    under_way = col(Action.state) == ActionState.BATCHED
    return (
        select(func.count(), func.sum(col(Action.reward_cents)))
        .join(Subject, col(Subject.id) == col(Action.person_id))
        .where(col(Action.programme_id) == programme.id, or_(waits, under_way))
    )


def _waiting_deeds(programme: Programme, _now: datetime) -> Selected:
    """Vouched for, and over a ceiling or short of an answer, or refused by the chain: only an
    officer lets them through."""
    vouched = col(Action.attestation_digest).is_not(None)
    return select(func.count(), NO_CENTS).where(
        col(Action.programme_id) == programme.id,
        or_(
            (col(Action.state) == ActionState.RECORDED) & vouched,
            col(Action.state) == ActionState.QUARANTINED,
        ),
    )


def _appeals(programme: Programme, _now: datetime) -> Selected:
    return (
        select(func.count(), NO_CENTS)
        .select_from(Appeal)
        .join(Action, col(Action.id) == col(Appeal.action_id))
        .where(col(Action.programme_id) == programme.id, col(Appeal.answered_at).is_(None))
    )


def _contests(programme: Programme, now: datetime) -> Selected:
    part = exists().where(
        col(PaymentOrder.payment_id) == col(Payment.id),
        col(PaymentOrder.programme_id) == programme.id,
    )
    return select(func.count(), NO_CENTS).select_from(Payment).where(part, kept_back(now))


def _blocks(programme: Programme, now: datetime) -> Selected:
    in_force = col(WalletBlock.lifted_at).is_(None) & (col(WalletBlock.until) > now)
    owners = func.count(func.distinct(col(WalletBlock.person_id)))
    return select(owners, NO_CENTS).where(in_force, _holder(programme, col(WalletBlock.person_id)))


def _recoveries(programme: Programme, _now: datetime) -> Selected:
    about = exists().where(
        col(Account.id) == col(Recovery.account_id), col(Account.programme_id) == programme.id
    )
    whole = col(Recovery.account_id).is_(None) & _holder(programme, col(Recovery.person_id))
    return select(func.count(), NO_CENTS).where(col(Recovery.state).in_(OPEN), or_(about, whole))


def _moves(programme: Programme, now: datetime) -> Selected:
    """Sent to the chain, or announced; an announced one that was sent is counted once."""
    sent = select(col(AccountMove.account_id)).where(
        col(AccountMove.done_at).is_(None), col(AccountMove.failed_at).is_(None)
    )
    said = select(col(AnnouncedMove.account_id)).where(standing(now))
    moving = or_(col(Account.id).in_(sent), col(Account.id).in_(said))
    return select(func.count(), NO_CENTS).where(
        col(Account.programme_id) == programme.id, col(Account.replaced_at).is_(None), moving
    )


def _fundings(programme: Programme, _now: datetime) -> Selected:
    return select(func.count(), NO_CENTS).where(
        col(Funding.programme_id) == programme.id,
        col(Funding.final_at).is_(None),
        col(Funding.withdrawn_at).is_(None),
    )


def _holder(programme: Programme, person_id: Mapped[UUID]) -> ColumnElement[bool]:
    return exists().where(
        col(Account.person_id) == person_id,
        col(Account.programme_id) == programme.id,
        col(Account.replaced_at).is_(None),
    )


COUNTED: tuple[Counted, ...] = (
    ("hinders-holds", _holds),
    ("hinders-deeds", _deeds),
    ("hinders-waiting-deeds", _waiting_deeds),
    ("hinders-appeals", _appeals),
    ("hinders-contests", _contests),
    ("hinders-blocks", _blocks),
    ("hinders-recoveries", _recoveries),
    ("hinders-moves", _moves),
    ("hinders-fundings", _fundings),
)

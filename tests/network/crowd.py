"""People who go on acting while something is broken, and whether each act came to its end once."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.demo.city import PlannedDeed, some_quantity
from app.demo.deeds import Recorder
from app.demo.life import COMMON, DOZEN
from app.demo.spending import pay_somewhere
from app.demo.stranger import audited
from app.demo.world import World
from app.errors import Problem
from app.merchants.models import Payment, PaymentState
from app.outbox.models import Incident, OutboxItem, OutboxState
from tests.network.control import FaultFailedError, wait

TRIES = 30  # who is drawn may have too little to pay
PATIENCE = 300.0
_EXECUTED = text("""
    select count(*), count(distinct coalesce(arguments->>'refundId', arguments->>'orderId'))
    from chain_log where event in ('OrderExecuted', 'RefundExecuted')
""")
_BATCHES = text("""
    select count(*), count(distinct arguments->>'batchId'), sum((arguments->>'actionCount')::int),
      (select count(*) from action where state in ('settled', 'reversed')),
      (select count(*) from batch where state = 'final')
    from chain_log where event = 'BatchCommitted'
      and block_number <= (select number from chain_cursor where name = 'final')
""")


@dataclass
class Crowd:
    """`slowest`: seconds that the longest acceptance took."""

    world: World
    chance: Random
    recorder: Recorder = field(init=False)
    actions: list[UUID] = field(default_factory=list)
    payments: list[UUID] = field(default_factory=list)
    slowest: float = 0.0

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.world)

    def act(self) -> None:
        """A dozen people's deeds, vouched for, so that a batch can close; and a payment."""
        kind = self.chance.choice(COMMON)
        place = next(p for p in self.world.city.attesters if kind in (p.deeds or {}))
        people = range(1, len(self.world.city.citizens))
        with self.world.parts.database.session() as session:
            begun_at = self.world.now(session)
        for number in self.chance.sample(people, min(DOZEN, len(people))):
            quantity = some_quantity(kind, self.world.catalogue, self.chance)
            begun = time.monotonic()
            self._deed(PlannedDeed(number, place.slug, kind, quantity, begun_at))
            self.slowest = max(self.slowest, time.monotonic() - begun)
        self.pay()

    def pay(self) -> UUID:
        """Somebody, somewhere. Raises FaultFailedError when nobody can."""
        for _ in range(TRIES):
            with suppress(Problem):
                begun = time.monotonic()
                paid = pay_somewhere(self.world, self.chance)
                if paid is not None:
                    self.slowest = max(self.slowest, time.monotonic() - begun)
                    self.payments.append(paid)
                    return paid
        raise FaultFailedError("nobody could pay")

    def _deed(self, planned: PlannedDeed) -> None:
        """Who has reached a cap, or did the same within the minute, is told so."""
        try:
            with self.world.parts.database.transaction() as session:
                action = self.recorder.attest(session, planned)
                rewarded, action_id = action.reward_cents > 0, action.id
        except (Problem, IntegrityError):
            return
        if rewarded:
            self.actions.append(action_id)

    def await_settled(self, patience: float = PATIENCE) -> float:
        """Until all that was accepted before this is final; how long it took."""
        with self.world.parts.database.session() as session:
            waiting = list(session.scalars(_unfinished()))

        def done() -> bool:
            with self.world.parts.database.session() as session:
                late = _unfinished().where(col(OutboxItem.id).in_(waiting))
                return not self._open(session) and session.scalars(late).first() is None

        return wait("settling all that was accepted", done, patience)

    def _open(self, session: Session) -> int:
        """Of what this crowd did."""
        actions = select(func.count()).where(
            col(Action.id).in_(self.actions), col(Action.state) != ActionState.SETTLED
        )
        payments = select(func.count()).where(
            col(Payment.id).in_(self.payments), col(Payment.state) != PaymentState.SETTLED
        )
        return (session.scalar(actions) or 0) + (session.scalar(payments) or 0)


def check_once(world: World) -> dict[str, int]:
    """Each order and each batch once, each settled deed in one; the audit agrees.

    Raises FaultFailedError, AuditError.
    """
    report = audited(world)
    with world.parts.database.session() as session:
        executed, different = session.execute(_EXECUTED).one()
        committed, distinct, counted, settled, final = session.execute(_BATCHES).one()
    if executed != different or not committed == distinct == final or counted != settled:
        raise FaultFailedError(
            f"{executed} orders executed, {different} of them different; {committed} batches, "
            f"{distinct} different, {final} final, of {counted} deeds, {settled} settled"
        )
    return {
        "orders": executed, "batches": committed, "deeds": settled,
        "figures": report.figures_compared,
    }  # fmt: skip


def incidents(world: World) -> list[str]:
    """What an operator is shown now."""
    query = select(Incident).where(col(Incident.acknowledged_at).is_(None))
    with world.parts.database.session() as session:
        return [f"{one.code}: {one.detail}"[:200] for one in session.scalars(query)]


def _unfinished() -> Select[UUID]:
    return select(col(OutboxItem.id)).where(col(OutboxItem.state) != OutboxState.FINAL)

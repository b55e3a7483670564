"""Every evaluation of a programme once more, in the order of its numbers, from what was kept.

Rules, facts and what the budget had left are taken as they were; counters are counted anew. So
each amount must come out the same, and at the end the counters must be those that stand. Of a
closed account hour and place are gone: its amounts are taken as kept, its counters count as others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action as Deed
from app.rewards.models import Evaluation, EvaluationKind, Programme, RewardCounter
from app.rewards.valuing.caps import BUDGET, Key
from app.rewards.valuing.evaluations import DAY_ONLY, OWED, action_of, look, rises_of, wanted
from app.rewards.valuing.owed import value
from app.rewards.valuing.terms import versions

Totals = dict[Key, tuple[int, int]]  # cents, actions
_AT_ONCE = 1000
_CEILINGS = ("organisation:", "device:")  # no rules: what a body may do a day


@dataclass(frozen=True)
class Difference:
    """Where a replay comes to something else; `number` None: at the end."""

    number: int | None
    what: str
    kept: Any
    found: Any


@dataclass
class Replayed:
    """How much was gone through, and what all of it promises."""

    evaluations: int = 0
    returned: int = 0
    cents: int = 0


class Replay:
    """One programme's. `differences()` goes through it all; `done` then tells how much."""

    def __init__(self, session: Session, programme: Programme) -> None:
        self._session, self._programme = session, programme
        self._versions = {one.version: one for one in versions(session, programme.id)}
        self._totals: Totals = {}
        self._forgotten: set[Key] = set()  # what those who left would owe
        self.done = Replayed()

    def differences(self) -> Iterator[Difference]:
        for found, person_id, reward in self._rows():
            if found.kind is EvaluationKind.VALUED:
                again = self._by_day if DAY_ONLY in found.facts else self._valued
                yield from again(found, person_id)
                self._count(found, person_id, 1)
                self.done.evaluations += 1
                self.done.cents += found.cents
            else:
                self._returned(found, person_id)
            if reward is not None and reward != found.cents:
                yield Difference(found.number, "reward of the deed", found.cents, reward)
        yield from self._standing()

    def _rows(self) -> Iterator[tuple[Evaluation, UUID, int | None]]:
        """With whose deed it is and, where the evaluation holds, what the deed says it brings."""
        later = select(col(Evaluation.of_number)).where(col(Evaluation.of_number).is_not(None))
        reward = (
            select(col(Deed.reward_cents))
            .where(
                col(Deed.id) == col(Evaluation.action_id),
                col(Evaluation.kind) == EvaluationKind.VALUED,
                col(Evaluation.number).not_in(later),
            )
            .correlate(Evaluation)
            .scalar_subquery()
        )
        query = (
            select(Evaluation, col(Deed.person_id), reward)
            .join(Deed, col(Deed.id) == col(Evaluation.action_id))
            .where(col(Evaluation.programme_id) == self._programme.id)
            .order_by(col(Evaluation.number))
            .execution_options(yield_per=_AT_ONCE)
        )
        for row in self._session.execute(query):
            found: Evaluation = row[0]
            yield found, row[1], row[2]
            self._session.expunge(found)

    def _valued(self, found: Evaluation, person_id: UUID) -> Iterator[Difference]:
        version = self._versions.get(found.rule_set_version or 0)
        ruling = version.given(found.outside).rules if version else None
        action = action_of(found, person_id)
        may_owe = any(one[0] == OWED[0] for one in found.counters)
        wants = wanted(ruling, action, may_owe=may_owe)
        held = {one.rule_key: self._held(one.key, one.counts) for one in wants}
        look(ruling, action, held)
        after = dict(held)
        amount, decision = value(ruling, action, wants, after, found.left_cents)
        counters = [
            [one.name, one.per, one.counts, one.period, before, after[one.rule_key] - before]
            for one, before in zip(wants, held.values(), strict=True)
        ]
        for what, kept, now in (
            ("worth by itself", found.worth_cents, decision.before),
            ("left by the limits", found.amount_cents, amount),
            ("granted", found.cents, decision.cents),
            ("cut by", found.cut_by, list(decision.by)),
            ("counters", found.counters, counters),
        ):
            if kept != now:
                yield Difference(found.number, what, kept, now)

    def _by_day(self, found: Evaluation, person_id: UUID) -> Iterator[Difference]:
        """Without hour and place rules can't be asked again; what counters held still can."""
        before = [one[4] for one in found.counters]
        rises = rises_of(found, person_id)
        rows = zip(rises, found.counters, strict=True)
        held = [self._held(rise.key, one[2]) for rise, one in rows]
        if before != held:
            yield Difference(found.number, "counters", before, held)
        owed = [rise.key for rise, one in zip(rises, found.counters, strict=True)
                if one[0] == OWED[0]]  # fmt: skip
        self._forgotten |= set(owed)

    def _returned(self, back: Evaluation, person_id: UUID) -> None:
        found = self._session.get_one(Evaluation, back.of_number)
        self._count(found, person_id, -1)
        self.done.returned += 1
        self.done.cents -= found.cents

    def _held(self, key: Key, counts: str) -> int:
        cents, actions = self._totals.get(key, (0, 0))
        return cents if counts == "cents" else actions

    def _count(self, found: Evaluation, person_id: UUID, sign: int) -> None:
        for rise in rises_of(found, person_id):
            cents, actions = self._totals.get(rise.key, (0, 0))
            self._totals[rise.key] = (cents + sign * rise.cents, actions + sign * rise.actions)

    def _standing(self) -> Iterator[Difference]:
        """The counters as they are against those that come out. Ids of people stay here."""
        query = select(RewardCounter).where(col(RewardCounter.programme_id) == self._programme.id)
        promised = 0
        for key in self._forgotten:
            self._totals[key] = (0, 0)
        for row in self._session.scalars(query.execution_options(yield_per=_AT_ONCE)):
            counted = self._totals.pop((row.scope, row.span), (0, 0))
            if row.scope == BUDGET:
                promised += row.cents
            elif not row.scope.startswith(_CEILINGS) and counted != (row.cents, row.actions):
                kind = row.scope.partition(":")[0]
                yield Difference(
                    None, f"counter {row.span} of a {kind}", (row.cents, row.actions), counted
                )
            self._session.expunge(row)
        if any(counted != (0, 0) for counted in self._totals.values()):
            yield Difference(None, "counters that are missing", 0, len(self._totals))
        if promised != self.done.cents:
            yield Difference(None, "promised of the budget", promised, self.done.cents)

"""Counters of what was promised: to a person by day and month, by an organisation, of the budget.

Whoever changes counters holds their row locks, always taken in the order (scope, span), so two
recordings never wait for each other in a circle; the programme's own row, wanted by everybody,
sorts last and is held shortest. `cents` counts promises, reserved and minted alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlmodel import col

from app.rewards.models import RewardCounter
from app.rewards.rules import span_keys

Key = tuple[str, str]  # scope, span
PRIMARY = ["programme_id", "scope", "span"]
BUDGET: Key = ("programme", "always")


def person_keys(person_id: UUID, deed_day: date) -> dict[str, Key]:
    """The counter of each span of a person, by span: caps follow the day of the deed."""
    return {span: (f"person:{person_id}", key) for span, key in span_keys(deed_day).items()}


def organisation_key(organisation_id: UUID, recorded_day: date) -> Key:
    """An organisation's ceiling follows the day of recording, when somebody can still look."""
    return (f"organisation:{organisation_id}", f"day:{recorded_day:%Y-%m-%d}")


class Counters:
    """Some counters of one programme, locked until the transaction ends. Save once, at the end."""

    def __init__(self, session: Session, programme_id: UUID, keys: Iterable[Key]) -> None:
        self._session, self._programme_id = session, programme_id
        self._keys = sorted(set(keys) | {BUDGET})
        self._after: dict[Key, tuple[int, int]] = {}
        self._before = self._lock()
        self._after = dict(self._before)

    def cents(self, key: Key) -> int:
        return self._after[key][0]

    def actions(self, key: Key) -> int:
        return self._after[key][1]

    def add(self, keys: Iterable[Key], cents: int, actions: int = 1) -> None:
        """Counts a promise in each of these; negative gives it back."""
        for key in keys:
            had_cents, had_actions = self._after[key]
            self._after[key] = (had_cents + cents, had_actions + actions)

    def save(self) -> None:
        """One statement for all that changed; the rows are locked and there."""
        changed = [key for key in self._keys if self._after[key] != self._before[key]]
        if not changed:
            return
        fresh = insert(RewardCounter).values([self._row(key) for key in changed])
        self._session.execute(
            fresh.on_conflict_do_update(
                index_elements=PRIMARY,
                set_={"cents": fresh.excluded.cents, "actions": fresh.excluded.actions},
            )
        )
        self._before = dict(self._after)

    def _row(self, key: Key) -> dict[str, object]:
        cents, actions = self._after.get(key, (0, 0))
        return {
            "programme_id": self._programme_id,
            "scope": key[0],
            "span": key[1],
            "cents": cents,
            "actions": actions,
        }

    def _lock(self) -> dict[Key, tuple[int, int]]:
        """Locks every row, making what is missing, in one statement and in the one order.

        Looking first and inserting later would lock in another order, and end in deadlocks.
        """
        fresh = insert(RewardCounter).values([self._row(key) for key in self._keys])
        same = {"cents": col(RewardCounter.cents)}
        locked = fresh.on_conflict_do_update(index_elements=PRIMARY, set_=same).returning(
            col(RewardCounter.scope),
            col(RewardCounter.span),
            col(RewardCounter.cents),
            col(RewardCounter.actions),
        )
        rows = self._session.execute(locked).all()
        return {(scope, span): (cents, actions) for scope, span, cents, actions in rows}

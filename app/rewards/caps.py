"""Counters of what was promised: to a person by day and month, by an organisation, of the budget.

Whoever changes counters holds their row locks, always taken in the order (scope, span), so two
recordings never wait for each other in a circle; the programme's own row, wanted by everybody,
sorts last and is held shortest. `cents` counts promises, reserved and minted alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlmodel import col

from app.rewards.models import RewardCounter
from app.rewards.rules import span_keys

Key = tuple[str, str]  # scope, span
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
        changed = [key for key in self._keys if self._after[key] != self._before[key]]
        for key in changed:
            cents, actions = self._after[key]
            self._session.execute(
                update(RewardCounter)
                .where(
                    col(RewardCounter.programme_id) == self._programme_id,
                    col(RewardCounter.scope) == key[0],
                    col(RewardCounter.span) == key[1],
                )
                .values(cents=cents, actions=actions)
                .execution_options(synchronize_session=False)
            )
        self._before = dict(self._after)

    def _lock(self) -> dict[Key, tuple[int, int]]:
        found = self._select()
        missing = [key for key in self._keys if key not in found]
        if missing:
            rows = [
                {"programme_id": self._programme_id, "scope": scope, "span": span}
                for scope, span in missing
            ]
            fresh = insert(RewardCounter).values([row | {"cents": 0, "actions": 0} for row in rows])
            self._session.execute(fresh.on_conflict_do_nothing())
            found = self._select()
        return found

    def _select(self) -> dict[Key, tuple[int, int]]:
        c = RewardCounter
        rows = self._session.execute(
            select(col(c.scope), col(c.span), col(c.cents), col(c.actions))
            .where(
                col(c.programme_id) == self._programme_id,
                tuple_(col(c.scope), col(c.span)).in_(self._keys),
            )
            .order_by(col(c.scope), col(c.span))
            .with_for_update()
        )
        return {(scope, span): (cents, actions) for scope, span, cents, actions in rows}

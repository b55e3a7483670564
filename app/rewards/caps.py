"""Counters of what was promised: to a person by day and month, by an organisation, of the budget.

Whoever changes counters holds their row locks, always taken in the order (scope, span), so two
recordings never wait for each other in a circle; the programme's own row, wanted by everybody,
sorts last and is held shortest. `cents` counts promises, reserved and minted alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.driver import Fixed
from app.rewards.rules import span_keys

Key = tuple[str, str]  # scope, span
BUDGET: Key = ("programme", "always")

# Fixed, since SQLAlchemy would put an insert of several rows together anew each time.
_LOCK = Fixed("""
    insert into reward_counter (programme_id, scope, span, cents, actions)
    select %(programme_id)s, scope, span, 0, 0
    from unnest(cast(%(scopes)s as text[]), cast(%(spans)s as text[]))
        with ordinality as wanted (scope, span, place)
    order by place
    on conflict (programme_id, scope, span) do update set cents = reward_counter.cents
    returning scope, span, cents, actions
""")
_SAVE = Fixed("""
    update reward_counter set cents = counted.cents, actions = counted.actions
    from unnest(
        cast(%(scopes)s as text[]), cast(%(spans)s as text[]),
        cast(%(cents)s as bigint[]), cast(%(actions)s as integer[])
    ) as counted (scope, span, cents, actions)
    where reward_counter.programme_id = %(programme_id)s
        and (reward_counter.scope, reward_counter.span) = (counted.scope, counted.span)
""")


@lru_cache(maxsize=4096)
def person_keys(person_id: UUID, deed_day: date) -> Mapping[str, Key]:
    """The counter of each span of a person, by span: caps follow the day of the deed."""
    return {span: (f"person:{person_id}", key) for span, key in span_keys(deed_day).items()}


@lru_cache(maxsize=256)
def organisation_key(organisation_id: UUID, recorded_day: date) -> Key:
    """An organisation's ceiling follows the day of recording, when somebody can still look."""
    return (f"organisation:{organisation_id}", f"day:{recorded_day:%Y-%m-%d}")


def device_key(device_id: UUID, recorded_day: date) -> Key:
    """A device's own ceiling, beside its organisation's."""
    return (f"device:{device_id}", f"day:{recorded_day:%Y-%m-%d}")


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
        values = self._named(changed) | {
            "cents": [self._after[key][0] for key in changed],
            "actions": [self._after[key][1] for key in changed],
        }
        _SAVE.rows(self._session, values)
        self._before = dict(self._after)

    def _lock(self) -> dict[Key, tuple[int, int]]:
        """Locks every row, making what is missing, in one statement and in the one order.

        Looking first and inserting later would lock in another order, and end in deadlocks.
        """
        rows = _LOCK.rows(self._session, self._named(self._keys))
        return {(scope, span): (cents, actions) for scope, span, cents, actions in rows}

    def _named(self, keys: Sequence[Key]) -> dict[str, Any]:
        return {
            "programme_id": self._programme_id,
            "scopes": [scope for scope, _ in keys],
            "spans": [span for _, span in keys],
        }

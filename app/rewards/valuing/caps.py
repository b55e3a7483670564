"""Counters of what was promised: to whom and by whom, in a span, as limits and ceilings count.

Whoever changes counters holds their row locks, always taken in one order, so two recordings never
wait for each other in a circle; what many want (the programme's own limits, then slices of its
budget, then their pool) comes last and is held shortest. `cents` counts promises, reserved and
minted alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from app.driver import Fixed

Key = tuple[str, str]  # scope, span
PROGRAMME, BUDGET = "programme", "budget"
POOL: Key = (BUDGET, "pool")

# Fixed, since SQLAlchemy would put an insert of several rows together anew each time.
_LOCK = Fixed("""
    insert into reward_counter (programme_id, scope, span, cents, actions, granted_cents)
    select %(programme_id)s, scope, span, 0, 0, case when scope = 'budget' then 0 end
    from unnest(cast(%(scopes)s as text[]), cast(%(spans)s as text[]))
        with ordinality as wanted (scope, span, place)
    order by place
    on conflict (programme_id, scope, span) do update set cents = reward_counter.cents
    returning scope, span, cents, actions, granted_cents
""")
# The numbers are drawn here, with all counters locked.
_SAVE = Fixed("""
    with saved as (
        update reward_counter set cents = counted.cents, actions = counted.actions
        from unnest(
            cast(%(scopes)s as text[]), cast(%(spans)s as text[]),
            cast(%(cents)s as bigint[]), cast(%(actions)s as integer[])
        ) as counted (scope, span, cents, actions)
        where reward_counter.programme_id = %(programme_id)s
            and (reward_counter.scope, reward_counter.span) = (counted.scope, counted.span)
    )
    insert into evaluation (programme_id, action_id, kind, of_number, rule_set_version, facts,
        outside, left_cents, worth_cents, amount_cents, cents, cut_by, counters)
    select %(programme_id)s, cast(one->>'action_id' as uuid), one->>'kind',
        cast(one->>'of_number' as bigint), cast(one->>'rule_set_version' as integer), one->'facts',
        one->'outside', cast(one->>'left_cents' as bigint), cast(one->>'worth_cents' as bigint),
        cast(one->>'amount_cents' as bigint), cast(one->>'cents' as bigint), one->'cut_by',
        one->'counters'
    from jsonb_array_elements(%(evaluations)s) with ordinality as kept (one, place)
    order by place
""")


@dataclass(frozen=True, slots=True)
class Count:
    """A counter's row."""

    cents: int
    actions: int
    granted_cents: int | None = None

    @property
    def left(self) -> int:
        """Of a slice of the budget."""
        return (self.granted_cents or 0) - self.cents


@lru_cache(maxsize=256)
def organisation_key(organisation_id: UUID, recorded_day: date) -> Key:
    """An organisation's ceiling follows the day of recording, when somebody can still look."""
    return (f"organisation:{organisation_id}", f"day:{recorded_day:%Y-%m-%d}")


def device_key(device_id: UUID, recorded_day: date) -> Key:
    """A device's own ceiling, beside its organisation's."""
    return (f"device:{device_id}", f"day:{recorded_day:%Y-%m-%d}")


def limit_key(counter: str, per: str, who: str, period: str) -> Key:
    """The row of a limit's counter: `person:<id>` for a citizen."""
    kind = "person" if per == "citizen" else per
    return (PROGRAMME if per == "programme" else f"{kind}:{who}", f"{counter}:{period}")


def in_lock_order(keys: Iterable[Key]) -> list[Key]:
    return sorted(set(keys), key=lambda key: (_lateness(key), key))


def _lateness(key: Key) -> int:
    return 3 if key == POOL else {PROGRAMME: 1, BUDGET: 2}.get(key[0], 0)


class Counters:
    """Some counters of one programme, locked until the transaction ends. Save once, at the end."""

    def __init__(self, session: Session, programme_id: UUID, keys: Iterable[Key]) -> None:
        self._session, self._programme_id = session, programme_id
        self._keys = in_lock_order(keys)
        self._before = lock_counters(session, programme_id, self._keys)
        self._after = dict(self._before)

    def count(self, key: Key) -> Count:
        return self._after[key]

    def holds(self, key: Key) -> bool:
        return key in self._after

    def add(self, key: Key, cents: int = 0, actions: int = 0) -> None:
        """Counts a promise; negative gives it back."""
        had = self._after[key]
        self._after[key] = replace(had, cents=had.cents + cents, actions=had.actions + actions)

    def granted(self, key: Key, cents: int) -> None:
        """A slice of the budget was granted more, and the database knows."""
        for known in (self._before, self._after):
            had = known[key]
            known[key] = replace(had, granted_cents=(had.granted_cents or 0) + cents)

    def save(self, evaluations: Sequence[dict[str, Any]]) -> None:
        """One statement for all that changed, and for why; the rows are locked and there."""
        changed = [key for key in self._keys if self._after[key] != self._before[key]]
        values = named(self._programme_id, changed) | {
            "cents": [self._after[key].cents for key in changed],
            "actions": [self._after[key].actions for key in changed],
            "evaluations": Jsonb(list(evaluations)),
        }
        _SAVE.rows(self._session, values)
        self._before = dict(self._after)


def lock_counters(session: Session, programme_id: UUID, keys: Sequence[Key]) -> dict[Key, Count]:
    """Locks every row, making what is missing, in one statement and in the order given.

    Looking first and inserting later would lock in another order, and end in deadlocks.
    """
    rows = _LOCK.rows(session, named(programme_id, keys))
    return {(scope, span): Count(*counted) for scope, span, *counted in rows}


def named(programme_id: UUID, keys: Sequence[Key]) -> dict[str, Any]:
    return {
        "programme_id": programme_id,
        "scopes": [scope for scope, _ in keys],
        "spans": [span for _, span in keys],
    }

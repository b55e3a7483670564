"""What an evaluation is kept with: enough to take it back, and to come to the same again.

Whose deed it was isn't kept here, since that never changes; who shared it is, by number or keyed
hash, for a corrected deed tells another one. When the account is closed, hour and place go: only
the day is left (`DAY_ONLY`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.rewards.language.action import Action
from app.rewards.language.capping import who_of
from app.rewards.language.counting import Key as RuleKey
from app.rewards.language.lines import Decision, nothing
from app.rewards.models import Evaluation, EvaluationKind
from app.rewards.outside.kept import Entry
from app.rewards.rule_sets.published import Ruling
from app.rewards.valuing.caps import Count, Counters, Key, limit_key

# What rules look at; the rest is in the deed.
FACTS = (
    *("action_type", "quantity", "unit", "distance_m", "seats", "partner", "attester"),
    *("proof_level", "proof_class", "identity_level", "citizen_adult", "other_adult"),
    *("first_time", "contribution_cents", "revenue_cents", "start", "end", "other", "trip"),
)
TIMES = ("at", "recorded_at")
NO_RULES = Decision(0, 0, (), (nothing("", "no_rules"),))
FIRST = "=first"  # a counter of ours, of each kind of deed; no limit can have its name
DAY_ONLY = "day_only"  # written by PostgreSQL's forget_hours alone
# What somebody owes, as a counter: its name, which no limit can have, and whose it is.
OWED = ("=owed", "citizen")


class Raised(NamedTuple):
    """A counter's row, and by how much an evaluation raised it."""

    key: Key
    cents: int
    actions: int


class Wanted(NamedTuple):
    """A counter that rules look at: their own key, its row, and what both mean."""

    rule_key: RuleKey
    key: Key
    name: str
    per: str
    counts: str
    period: str

    def held(self, count: Count) -> int:
        return count.cents if self.counts == "cents" else count.actions

    def raised(self, by: int) -> Raised:
        return _raised(self.key, self.counts, by)


def wanted(ruling: Ruling | None, action: Action, *, may_owe: bool) -> list[Wanted]:
    """Every counter that the rules may look at for an action, and what its citizen may owe; last,
    whether a deed of theirs holds the first time of its kind."""
    found = [] if ruling is None else _of_limits(ruling, action)
    citizen, kind = action.citizen or "", action.action_type or ""
    if may_owe and citizen:
        name, per = OWED
        key = limit_key(name, per, citizen, "always")
        found.append(Wanted((name, citizen, 0), key, name, per, "cents", "always"))
    key = limit_key(FIRST, "citizen", citizen, kind)
    return [*found, Wanted((FIRST, citizen, 0), key, FIRST, "citizen", "actions", kind)]


def _of_limits(ruling: Ruling, action: Action) -> list[Wanted]:
    found = []
    for rule_key in ruling.program.keys(action):
        name, who, period = ruling.program.label(rule_key)
        per, counts = ruling.counted[name]
        key = limit_key(name, per, who, period)
        found.append(Wanted(rule_key, key, name, per, counts, period))
    return found


Held = dict[RuleKey, int]


def look(ruling: Ruling | None, action: Action, held: Held) -> None:
    """Says whether it is the citizen's first of its kind, to rules that ask."""
    asks = ruling is not None and "first_time" in ruling.program.fields
    first = (FIRST, action.citizen or "", 0)
    action.first_time = held[first] == 0 if asks else None


def facts_of(action: Action, action_id: UUID) -> dict[str, Any]:
    """As JSON; what isn't known is left out, and a trip that is the deed itself."""
    known = {name: getattr(action, name) for name in FACTS}
    if action.trip == str(action_id):
        del known["trip"]
    times = {name: getattr(action, name) for name in TIMES}
    said = {name: value for name, value in known.items() if value is not None and value != {}}
    return said | {name: at.isoformat() for name, at in times.items() if at is not None}


def action_of(found: Evaluation, person_id: UUID) -> Action:
    """What the rules looked at."""
    facts: Mapping[str, Any] = found.facts
    said = {name: value for name, value in facts.items() if name != DAY_ONLY}
    times = {name: datetime.fromisoformat(said[name]) for name in TIMES if name in said}
    own = {"citizen": str(person_id), "trip": str(found.action_id)}
    return Action(**{**own, **said, **times})


def kept(
    action_id: UUID,
    version: int | None,
    action: Action,
    decision: Decision,
    *,
    left_cents: int,
    amount_cents: int,
    counters: list[tuple[Wanted, int, int]],
    outside: Sequence[Entry],
) -> dict[str, Any]:
    """A row for `Counters.save`. `amount_cents`: before anything was set against it; `counters`:
    each with what it held before and was raised by; `outside`: what the rules named."""
    return {
        "action_id": str(action_id),
        "kind": EvaluationKind.VALUED.value,
        "rule_set_version": version,
        "facts": facts_of(action, action_id),
        "left_cents": left_cents,
        "outside": [one.to_json() for one in outside],
        "worth_cents": decision.before or 0,
        "amount_cents": amount_cents,
        "cents": decision.cents,
        "cut_by": list(decision.by),
        "counters": [
            [one.name, one.per, one.counts, one.period, before, by] for one, before, by in counters
        ],
    }


def returned(found: Evaluation) -> dict[str, Any]:
    """The row that takes an evaluation back."""
    return {
        "action_id": str(found.action_id),
        "kind": EvaluationKind.RETURNED.value,
        "of_number": found.number,
        "facts": {},
        "left_cents": 0,
        "outside": [],
        "worth_cents": 0,
        "amount_cents": 0,
        "cents": 0,
        "cut_by": [],
        "counters": [],
    }


def rises_of(found: Evaluation, person_id: UUID) -> list[Raised]:
    """What an evaluation raised, row by row."""
    action = action_of(found, person_id)
    return [
        _raised(limit_key(name, per, who_of(per, action) or "", period), counts, by)
        for name, per, counts, period, _before, by in found.counters
    ]


def lowered_by(found: Evaluation, person_id: UUID) -> list[Raised]:
    """What its return lowers: all that it raised, but who left owes nothing any more."""
    left = DAY_ONLY in found.facts
    rises = zip(rises_of(found, person_id), found.counters, strict=True)
    return [rise for rise, one in rises if not (left and one[0] == OWED[0])]


def standing(session: Session, action_ids: list[UUID]) -> dict[UUID, Evaluation]:
    """The evaluation that holds, of each deed that has one and whose it wasn't taken back."""
    back = select(col(Evaluation.of_number)).where(
        col(Evaluation.action_id).in_(action_ids), col(Evaluation.of_number).is_not(None)
    )
    query = select(Evaluation).where(
        col(Evaluation.action_id).in_(action_ids),
        col(Evaluation.kind) == EvaluationKind.VALUED,
        col(Evaluation.number).not_in(back),
    )
    return {one.action_id: one for one in session.scalars(query)}


def forget_hours(session: Session, person_id: UUID) -> None:
    """Of all that a closed account's deeds were valued by; of another account's, nothing."""
    session.flush()
    session.execute(text("select forget_hours(:person)"), {"person": person_id})


def give_back(counters: Counters, raised: list[Raised]) -> None:
    for one in raised:
        counters.add(one.key, -one.cents, -one.actions)


def _raised(key: Key, counts: str, by: int) -> Raised:
    return Raised(key, by, 0) if counts == "cents" else Raised(key, 0, by)

"""Whatever is recorded, taken back and funded: a programme's deeds get what a few lines written by
hand say, to the cent, and its counters, budget and explanations with them.

Times lie around midnight, a month's end and the nights when clocks change; weights around the
bounds that the rules name; amounts around the caps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.actions.models import Action
from app.rewards.models import Evaluation, Programme
from app.rewards.money.budget import budget_of
from app.rewards.valuing import deeds
from app.rewards.valuing.replay import Difference, Replay
from tests.integration.actions.test_evaluations import ZONE, kept, rules
from tests.support.city import City, Clerk
from tests.support.general_rules import limit

DAY, MONTH, OFTEN, PAID, LEAST, BELOW = 250, 420, 2, 600, 2000, 6000
RULES = rules(
    limit(1, "citizen", "day", "actions", OFTEN),
    limit(2, "citizen", "day", "cents", DAY),
    limit(3, "citizen", "month", "cents", MONTH),
    limit(4, "programme", "always", "cents", PAID),
)
RULES["conditions"].append(
    {
        "id": "weight",
        "order": 2,
        "unknown": "fail",
        "require": {"quantity": {"at_least": LEAST, "below": BELOW}},
    }
)
TURNS = [
    datetime(2031, 5, 14, 22, tzinfo=UTC),  # midnight in Paris
    datetime(2031, 5, 31, 22, tzinfo=UTC),  # a month's end
    datetime(2031, 3, 30, 1, tzinfo=UTC),  # clocks go forward
    datetime(2031, 10, 26, 1, tzinfo=UTC),  # and back
]
SECONDS = (-86400, -10800, -3600, -1, 0, 1, 1800, 3600, 79200, 82800, 86399, 86400)
BEFORE = timedelta(days=2)
deed = st.tuples(
    st.integers(0, 1),
    st.sampled_from(SECONDS),
    st.sampled_from([LEAST - 1, LEAST, LEAST + 1, 2999, 3000, BELOW - 1, BELOW]),
)
events = st.lists(
    deed | deed | deed | st.sampled_from(["undo", "refuse"]) | st.sampled_from([0, 1, 99, 250]),
    min_size=4,
    max_size=14,
)
SAME = settings(
    derandomize=True,
    deadline=None,
    max_examples=8,
    phases=[Phase.explicit, Phase.generate],  # the history that fails is short enough
    database=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Hand:
    """The same rules in a few lines. `had`: who, when and what, of deeds that stand."""

    funded: int
    had: dict[UUID, tuple[int, datetime, int]] = field(default_factory=dict)

    def worth(self, grams: int) -> int:
        return (grams + 10) // 20 if LEAST <= grams < BELOW else 0  # half a cent for 10 g, half up

    def value(self, who: int, at: datetime, grams: int) -> int:
        earning = [(one, then.astimezone(ZoneInfo(ZONE)), cents)
                   for one, then, cents in self.had.values() if cents]  # fmt: skip
        local, total = at.astimezone(ZoneInfo(ZONE)), sum(cents for *_, cents in earning)
        own = [(then, cents) for one, then, cents in earning if one == who]
        today = [cents for then, cents in own if then.date() == local.date()]
        month = [
            cents for then, cents in own if (then.year, then.month) == (local.year, local.month)
        ]
        if len(today) >= OFTEN:
            return 0
        rooms = DAY - sum(today), MONTH - sum(month), PAID - total, self.funded - total
        return max(0, min(self.worth(grams), *rooms))


@dataclass
class World:
    """A programme of its own, and what each event does in it and by hand."""

    city: City
    turn: datetime
    funded: int
    deeds: list[Action] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.programme: Programme = self.city.programme(funded=self.funded, rules=RULES)
        self.clerk: Clerk = self.city.clerk(self.city.organisation())
        self.clerk.organisation.actions_per_day = 1000
        *self.people, self.officer = [self.city.citizen().id for _ in range(3)]
        self.hand = Hand(self.funded)
        self._seen = set[tuple[int, int]]()

    def does(self, event: Any) -> None:
        if isinstance(event, tuple):
            self._attest(*event)
        elif isinstance(event, int):
            self._fund(event)
        elif self.deeds:
            self._back(event, self.deeds.pop())

    def _attest(self, who: int, seconds: int, grams: int) -> None:
        if (who, seconds // 60) in self._seen:
            return  # the same in one minute is the same deed
        self._seen.add((who, seconds // 60))
        at = self.city.now = self.turn + timedelta(seconds=seconds)
        expected = self.hand.value(who, at, grams)
        made = self.city.attest(
            self.clerk, self.people[who], self.programme, confirmed=True,
            deed_at=int(at.timestamp()), quantity=grams,
        )  # fmt: skip
        assert made.reward_cents == expected
        assert sum(Fraction(line["cents"]) for line in made.explanation) == expected
        assert made.explanation
        self.hand.had[made.id] = (who, at, expected)
        self.deeds.append(made)

    def _fund(self, cents: int) -> None:
        if cents:
            self.city.fund(self.programme, cents)
            self.hand.funded += cents

    def _back(self, how: str, made: Action) -> None:
        by, self.city.now = self.clerk, made.recorded_at
        if how == "undo":
            deeds.undo(self.city.session, made.id, by=by.person_id, at=by.organisation.id,
                       now=self.city.now)  # fmt: skip
        else:
            deeds.refuse(self.city.session, made.id, reason="not-plausible", by=self.officer,
                         now=self.city.now)  # fmt: skip
        del self.hand.had[made.id]


# Each limit once by itself: a third deed of a day, a day's cents and a month's, the budget's end.
EACH = [
    *[(0, seconds, LEAST) for seconds in (0, 1800, 3600)],
    "undo",
    "undo",
    *[(0, seconds, BELOW - 1) for seconds in (7200, -1)],
    *[(1, seconds, LEAST) for seconds in (-1, 0)],
    99,
    (1, 60, LEAST - 1),
]


@SAME
@given(st.sampled_from(TURNS), st.sampled_from([249, 250, 251, 520, 5_000]), events)
@example(TURNS[0], 520, EACH)
@example(TURNS[3], 5_000, EACH)
def test_a_programme_pays_what_its_rules_say_to_the_cent(
    db: Session, turn: datetime, funded: int, happens: list[Any]
) -> None:
    """Never over a cap or the budget; explained, refusals too; nothing that stands changes."""
    with db.begin_nested() as nested:
        world = World(City(db, turn - BEFORE), turn, funded)
        for event in happens:
            world.does(event)
            found = budget_of(db, world.programme, world.city.now)
            assert found.promised == sum(cents for *_, cents in world.hand.had.values())
            assert found.promised <= found.funded == world.hand.funded
            stand = {one.id: one.reward_cents for one in world.deeds}
            assert stand == {one: cents for one, (*_, cents) in world.hand.had.items()}
        _sums_up(kept(db, world.programme))
        assert [_replayed(db, world.programme) for _ in range(2)] == [[], []]
        nested.rollback()
    db.expire_all()


def _sums_up(evaluations: Iterable[Evaluation]) -> None:
    """Both amounts and what cut: the difference has a name, and only then."""
    for one in evaluations:
        assert 0 <= one.cents <= one.worth_cents
        assert (one.cents < one.worth_cents) <= bool(one.cut_by)


def _replayed(db: Session, programme: Programme) -> list[Difference]:
    db.flush()
    db.expire_all()
    return list(Replay(db, programme).differences())

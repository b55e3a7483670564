"""One rule set, tried action by action; what stays is sums."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from app.rewards.language.action import Action, Outside
from app.rewards.language.compiling import compile_rules
from app.rewards.language.credit import budget_for, credited, settle
from app.rewards.language.explaining import explain
from app.rewards.language.firsts import takes_first
from app.rewards.language.lines import Decision
from app.rewards.language.loading import RuleSet
from app.rewards.trying.counters import Counters

LEAST = 5  # people behind a figure that an officer may see
NO_TARIFF = ""  # no tariff pays it
REFUSES, ASKS, CUTS = "refuses", "asks", "cuts"


@dataclass
class Tally:
    """Actions, what they are worth by themselves, what is paid, and the first few people: who did
    them, and who got something."""

    actions: int = 0
    paid: int = 0
    worth_cents: int = 0
    cents: int = 0
    people: set[str] = field(default_factory=set)
    paid_people: set[str] = field(default_factory=set)

    def add(self, citizen: str | None, before: int, cents: int) -> None:
        self.actions += 1
        self.paid += cents > 0
        self.worth_cents += before
        self.cents += cents
        if citizen is not None and len(self.people) < LEAST:
            self.people.add(citizen)
        if citizen is not None and cents and len(self.paid_people) < LEAST:
            self.paid_people.add(citizen)


@dataclass(frozen=True)
class Explained:
    """One action of the citizen who is looked at."""

    action: Action
    decision: Decision


class Simulation:
    """`budget_cents`: what the programme has, at most. `citizen`: whose actions are explained.
    `forgets`: no action comes later than a history may have it."""

    def __init__(
        self,
        rules: RuleSet,
        outside: Outside,
        *,
        budget_cents: int | None = None,
        citizen: str | None = None,
        forgets: bool = True,
    ) -> None:
        self.rules, self.budget_cents, self.citizen = rules, budget_cents, citizen
        self.program = compile_rules(rules.data, outside)
        self.whole = Tally()
        self.months: dict[str, Tally] = {}
        self.bites: dict[tuple[str, str], Tally] = {}
        self.people: dict[str, int] = {}  # cents of each citizen
        self.nobodys_cents = 0
        self.asking = 0
        self.explained: list[Explained] = []
        self.first: date | None = None
        self.last: date | None = None
        self.short_on: date | None = None
        self._firsts: set[tuple[str, str | None]] | None = None
        if "first_time" in self.program.fields:
            self._firsts = set()  # citizens and kinds of which there was one
        self._may_owe = rules.data.get("negative") == "allowed"
        self._owed: dict[str, int] = {}  # what is still to be set against later ones
        self._counters, self._forgets = Counters(rules.data), forgets
        self._zone = ZoneInfo(rules.data["time_zone"])

    @property
    def left_cents(self) -> int | None:
        return None if self.budget_cents is None else self.budget_cents - self.whole.cents

    def add(self, action: Action) -> None:
        """The next action. In the order in which the history counts them."""
        if self._forgets:
            self._counters.move_on(action.at.toordinal())
        said = action.first_time
        before, cents, by = self._decide(action)
        action.first_time = said  # other rules may reckon it otherwise
        self._count(action, before, cents, by)

    def _decide(self, action: Action) -> tuple[int | None, int, tuple[str, ...]]:
        who, left = action.citizen, self.left_cents
        self._look(action)
        owed = self._owed.get(who, 0) if who is not None else 0
        budget = budget_for(left, owed)
        if who is not None and who == self.citizen:
            found = explain(self.program, action, self._counters, budget)
            told = credited(found, owed, left)[0] if self._may_owe else found
            self.explained.append(Explained(action, told))
            before, cents, by = found.before, found.cents, found.by
        else:
            before, cents, by = self.program.decide(action, self._counters, budget)
        self._note_first(action, before)
        if not self._may_owe:
            return before, cents, by
        if who is None:  # no credit is negative, and nobody owes
            return before, max(0, cents), by
        cents, self._owed[who] = settle(cents, owed, left)
        return before, cents, by

    def _look(self, action: Action) -> None:
        """Where the history doesn't say it: whether it is the citizen's first of this kind."""
        if self._firsts is None or action.first_time is not None or action.citizen is None:
            return
        action.first_time = (action.citizen, action.action_type) not in self._firsts

    def _note_first(self, action: Action, before: int | None) -> None:
        if self._firsts is None or action.citizen is None:
            return
        key = (action.citizen, action.action_type)
        if key not in self._firsts and takes_first(self.program, action, before):
            self._firsts.add(key)

    def _count(self, action: Action, before: int | None, cents: int, by: tuple[str, ...]) -> None:
        who, local = action.citizen, action.at.astimezone(self._zone)
        worth = before or 0
        month = self.months.setdefault(f"{local.year:04d}-{local.month:02d}", Tally())
        for tally in (self.whole, month):
            tally.add(who, worth, cents)
        if who is None:
            self.nobodys_cents += cents
        else:
            self.people[who] = self.people.get(who, 0) + cents
        self.asking += before is None
        day = local.date()
        self.first, self.last = min(self.first or day, day), max(self.last or day, day)
        if before == 0 and not by:
            by = (NO_TARIFF,)
        how = ASKS if before is None else CUTS if before else REFUSES
        for rule in by:
            self.bites.setdefault((rule, how), Tally()).add(who, worth, cents)
        if self.short_on is None and "budget" in by:
            self.short_on = day

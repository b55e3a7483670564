"""A claim beside the rules of its day, and the counters that they look at."""

from __future__ import annotations

from collections.abc import Sequence

from app.rewards.language.action import Action
from app.rewards.language.compiling import Program
from app.rewards.language.firsts import either
from app.rewards.valuing.claims import Claim
from app.rewards.valuing.evaluations import Wanted, wanted
from app.rewards.valuing.terms import Version, in_force, may_owe


class Case:
    """`worth`: by itself, what the budget may be asked for."""

    def __init__(self, claim: Claim, known: Sequence[Version]) -> None:
        self.claim, self.ruled = claim, in_force(known, claim.deed_at)
        self.ruling = self.ruled.rules if self.ruled else None
        self.action: Action = claim.action(self.program)
        self.wanted: list[Wanted] = wanted(self.ruling, self.action, may_owe=may_owe(known))
        self.worth = self._worth()

    @property
    def program(self) -> Program | None:
        return self.ruling.program if self.ruling else None

    def _worth(self) -> int:
        """By itself, and at most: whether it is a first one only the counters will say."""
        if self.program is None:
            return 0
        found = list[int]()
        for first in either(self.program):
            self.action.first_time = first
            found.append(self.program.worth(self.action)[0] or 0)
        return max(found)

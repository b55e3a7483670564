"""Limits of the facts, in the order in which they apply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.rewards.campaigns.faults import CampaignError
from app.rewards.campaigns.predicates import Predicates
from app.rewards.campaigns.reading import entries, mapping, one_of, whole

PER = {
    "driver": "citizen",
    "passenger": "other",
    "trip": "trip",
    "campaign": "programme",
    "operator": "partner",
}
COUNTS = {"max_seats": "seats", "max_trips": "actions", "max_cents": "cents"}
PERIODS = ("day", "week", "month", "year", "always")
BUDGET = "budget_cents"
_AT_LIMIT = {"seats": "overshoot", "actions": "refuse", "cents": "cut"}
# A journey of no known trip shares no car; nobody else may be unknown.
_UNKNOWN_WHO = {"trip": "pass"}
Entry = dict[str, Any]


class Limits:
    """`asks_budget`: one of them is the budget of the settings."""

    def __init__(self, predicates: Predicates) -> None:
        self._predicates = predicates
        self.asks_budget = False

    def read(self, said: object) -> Iterator[Entry]:
        for index, (item, path) in enumerate(entries(said, "$.rules.limits"), 1):
            limit = mapping(item, path, required=("per",), optional=("period", *COUNTS, "when"))
            found = [name for name in COUNTS if limit.get(name) is not None]
            if not found:
                raise CampaignError(path, "no_limit", known=COUNTS)
            for name in found:
                yield self._limit(limit, name, index, path)

    def _limit(self, limit: Entry, name: str, index: int, path: str) -> Entry:
        counts = COUNTS[name]
        per = one_of(limit["per"], f"{path}.per", tuple(PER))
        period = limit.get("period") or "always"
        who = {} if per == "campaign" else {"unknown_who": _UNKNOWN_WHO.get(per, "ask")}
        return {
            "id": f"limit-{index}-{counts}",
            **self._predicates.when(limit, path),
            "per": PER[per],
            "period": one_of(period, f"{path}.period", PERIODS),
            "counts": counts,
            "most": self._most(limit[name], name, f"{path}.{name}"),
            "time_zone": "UTC",  # the source's server clock
            "at_limit": _AT_LIMIT[counts],
            **who,
        }

    def _most(self, said: object, name: str, path: str) -> int | Entry:
        if said == "budget" and name == "max_cents":
            self.asks_budget = True
            return {"number": BUDGET}
        return whole(said, path, 0)

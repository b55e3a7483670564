"""The cases of a campaign, run through its rule set: amounts, amounts before limits, counters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from app.rewards.campaigns.faults import CampaignError, kind_of
from app.rewards.campaigns.journeys import action, outside
from app.rewards.campaigns.limits import PER, PERIODS
from app.rewards.campaigns.outcomes import Difference, Outcome, compared
from app.rewards.campaigns.places import AREA, Places
from app.rewards.campaigns.reading import (
    EXACT_MOST,
    any_mapping,
    entries,
    label,
    mapping,
    merged,
    one_of,
    text,
    whole,
)
from app.rewards.language import periods
from app.rewards.language.action import MissingOutsideError
from app.rewards.language.compiling import Program, Result, compile_rules
from app.rewards.language.counting import Key, counter_of
from app.rewards.language.explaining import explain
from app.rewards.language.lines import Decision, Line

_CASE = ("name", "settings", "counters_before", "journeys", "expected_cents",
         "before_limits_cents", "counters_after", "disputed")  # fmt: skip
_COUNTED = {"trips": "actions", "seats": "seats", "cents": "cents"}


def check(facts: object, rules: Mapping[str, Any], *, explained: bool = False) -> Iterator[Outcome]:
    """Each case in turn, by the fast way or by the one that explains. Raises CampaignError."""
    campaign = any_mapping(facts, "$")
    places = Places(any_mapping(campaign.get("rules") or {}, "$.rules"))
    said = campaign.get("defaults") or {}
    defaults = mapping(said, "$.defaults", optional=("settings", "journey"))
    for part in ("cases", "dense_cases"):
        for case, path in entries(campaign.get(part), f"$.{part}"):
            found = mapping(case, path, required=("journeys", "expected_cents"), optional=_CASE)
            yield _Case(part, found, path, _Around(defaults, places, rules)).run(
                explained=explained
            )


@dataclass(frozen=True)
class _Around:
    """What all cases of a file share."""

    defaults: dict[str, Any]
    places: Places
    rules: Mapping[str, Any]


class _Case:
    def __init__(self, part: str, case: dict[str, Any], path: str, around: _Around) -> None:
        self.part, self.case, self.path = part, case, path
        defaults, rules = around.defaults, around.rules
        own = any_mapping(case.get("settings") or {}, f"{path}.settings")
        common = any_mapping(defaults.get("settings") or {}, "$.defaults.settings")
        settings, calendars = merged(common, own), rules["outside"]["calendars"]
        self.outside = outside(settings, f"{path}.settings", around.places, calendars)
        self.rules = _anywhere(rules) if settings.get(AREA) is None else rules
        self.journey = any_mapping(defaults.get("journey") or {}, "$.defaults.journey")

    def run(self, *, explained: bool) -> Outcome:
        rules = self.rules
        try:
            program = compile_rules(rules, self.outside)
        except MissingOutsideError as error:
            where = f"{self.path}.settings.{error.name}"
            raise CampaignError(where, "needed") from error
        counters = dict(self._counters("counters_before", rules))
        decide = partial(explain, program) if explained else program.decide
        before, cents = self._amounts(decide, counters)
        expected, worth = self._expected(len(cents))
        differences = [
            *compared("amount", cents, expected),
            *compared("before_limits", before, worth),
            *self._counted(rules, counters),
        ]
        lines = self._lines(program, {one.journey for one in differences})
        differences = [replace(one, lines=lines.get(one.journey, ())) for one in differences]
        name = text(self.case.get("name", f"case at {self.path}"), f"{self.path}.name")
        disputed = self.case.get("disputed") is not None
        return Outcome(self.part, name, len(cents), disputed, differences)

    def _lines(self, program: Program, wanted: set[int | None]) -> dict[int | None, Sequence[Line]]:
        """Why these journeys get what they do: the case once more, up to the last of them."""
        counters = dict(self._counters("counters_before", self.rules))
        found: dict[int | None, Sequence[Line]] = {}
        last = max((one for one in wanted if one is not None), default=0)
        for number, (said, path) in enumerate(self._journeys(), 1):
            if number > last:
                break
            lines = explain(program, action(said, path), counters).lines
            if number in wanted:
                found[number] = lines
        return found

    def _journeys(self) -> Iterator[tuple[dict[str, Any], str]]:
        """Each over the defaults."""
        for said, path in entries(self.case["journeys"], f"{self.path}.journeys"):
            yield merged(self.journey, any_mapping(said, path)), path

    def _amounts(
        self, decide: Callable[..., Result | Decision], counters: dict[Key, int]
    ) -> tuple[list[int], list[int]]:
        before, cents = [], []
        for said, path in self._journeys():
            result = decide(action(said, path), counters)
            if result.before is None:
                raise CampaignError(path, "too_little", rules=result.by)
            before.append(result.before)
            cents.append(result.cents)
        return before, cents

    def _expected(self, count: int) -> tuple[list[int], list[int]]:
        """Amounts and amounts before limits, which are the same where they aren't listed."""
        expected = self._numbers(self.case["expected_cents"], "expected_cents", count)
        if self.case.get("disputed") is not None:
            where = f"{self.path}.disputed"
            disputed = mapping(
                self.case["disputed"], where, required=("rules_give_cents",), optional=("why",)
            )
            given = disputed["rules_give_cents"]
            expected = self._numbers(given, "disputed.rules_give_cents", count)
        worth = self.case.get("before_limits_cents")
        if worth is None:
            return expected, expected
        return expected, self._numbers(worth, "before_limits_cents", count)

    def _numbers(self, said: object, name: str, count: int) -> list[int]:
        path = f"{self.path}.{name}"
        if not isinstance(said, list):
            raise CampaignError(path, "wanted", wanted="cents", found=kind_of(said))
        found = [whole(item, where) for item, where in entries(said, path)]
        if len(found) != count:
            raise CampaignError(path, "amounts", count=len(found), journeys=count)
        return found

    def _counters(self, name: str, rules: Mapping[str, Any]) -> Iterator[tuple[Key, int]]:
        for words, value in self._listed(name):
            for key in _keys(words, rules):
                yield key, value

    def _counted(
        self, rules: Mapping[str, Any], counters: Mapping[Key, int]
    ) -> Iterator[Difference]:
        for words, value in self._listed("counters_after"):
            found = [counters.get(key, 0) for key in _keys(words, rules)]
            if value not in found:
                yield Difference("counter", value, found[0], counter=" ".join(filter(None, words)))

    def _listed(self, name: str) -> Iterator[tuple[tuple[str, ...], int]]:
        """(counts, per, who, period, in), and the value."""
        for said, path in entries(self.case.get(name), f"{self.path}.{name}"):
            entry = mapping(
                said, path, required=("counts", "per", "value"), optional=("period", "who", "in")
            )
            per = one_of(entry["per"], f"{path}.per", tuple(PER))
            counts = one_of(entry["counts"], f"{path}.counts", tuple(_COUNTED))
            period = one_of(entry.get("period") or "always", f"{path}.period", PERIODS)
            who = "" if per == "campaign" else label(entry.get("who"), f"{path}.who")
            within = "always" if period == "always" else label(entry.get("in"), f"{path}.in")
            try:
                periods.from_label(period, within)
            except ValueError as error:
                where = f"{path}.in"
                raise CampaignError(where, "no_period", text=within, period=period) from error
            value = whole(entry["value"], f"{path}.value", -EXACT_MOST, EXACT_MOST)
            yield (counts, per, who, period, within), value


def _anywhere(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Where the settings name no area, nobody is asked whether they were in it."""
    conditions = [one for one in rules["conditions"] if one["id"] != AREA]
    return {**rules, "conditions": conditions}


def _keys(words: tuple[str, ...], rules: Mapping[str, Any]) -> list[Key]:
    """The counters of the rule set that these words name; one of their own if no limit counts it,
    which then stays as it was."""
    counts, per, who, period, within = words
    wanted, number = (_COUNTED[counts], PER[per], period), periods.from_label(period, within)
    found = [
        counter_of(limit)
        for limit in rules["limits"]
        if (limit["counts"], limit["per"], limit["period"]) == wanted
    ]
    return [(name, who, number) for name in found or [" ".join(wanted)]]

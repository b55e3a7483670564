"""Facts of a campaign → a rule set of the language. Knows the format, and no campaign."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from app.rewards.campaigns.faults import CampaignError
from app.rewards.campaigns.limits import BUDGET, Limits
from app.rewards.campaigns.places import AREA, Places
from app.rewards.campaigns.predicates import Predicates, moment
from app.rewards.campaigns.reading import (
    any_mapping,
    decimal,
    entries,
    flag,
    instant,
    labels,
    mapping,
    one_of,
    text,
    whole,
)
from app.rewards.language.exact import fraction, written

TOP = ("id", "source", "rules", "defaults", "cases", "dense_cases")
_RULES = ("id", "name", "place", "published", "tz", "operators", "requirements", "amount",
          "limits", "zones", "shapes", "notes")  # fmt: skip
_STEP = ("from_m", "below_m", "fixed_cents", "seat_cents", "km_cents", "km_from_m", "km_to_m",
         "km_part_max_cents", "km_rounding", "times_seats", "when")  # fmt: skip
FIELDS = {
    "passenger_contribution_cents": "contribution_cents",
    "driver_revenue_cents": "revenue_cents",
}
Entry = dict[str, Any]
_EVER = datetime.min.replace(tzinfo=UTC)  # before whatever has a beginning


def convert(facts: object) -> Entry:
    """The rule set of a campaign, in its canonical members. Raises CampaignError."""
    whole_file = mapping(facts, "$", required=("rules",), optional=TOP)
    rules = mapping(whole_file["rules"], "$.rules", required=("amount",), optional=_RULES)
    settings = _settings(whole_file)
    # Without an area, all places are in it.
    asks_area = any(one.get(AREA) is not None for one in settings)
    calendars = {name for one in settings for name in one if isinstance(one[name], list)}
    return _Converter(rules, calendars, asks_area=asks_area).rule_set()


def _settings(facts: Entry) -> list[Entry]:
    """Of the file and of each case."""
    defaults = any_mapping(facts.get("defaults") or {}, "$.defaults")
    found = [any_mapping(defaults.get("settings") or {}, "$.defaults.settings")]
    for part in ("cases", "dense_cases"):
        for case, path in entries(facts.get(part), f"$.{part}"):
            settings = any_mapping(case, path).get("settings") or {}
            found.append(any_mapping(settings, f"{path}.settings"))
    return found


class _Converter:
    def __init__(self, rules: Entry, calendars: Collection[str], *, asks_area: bool) -> None:
        self.rules, self.asks_area = rules, asks_area
        self.time_zone = _time_zone(rules.get("tz"), "$.rules.tz")
        self.places = Places(rules)
        self.predicates = Predicates(self.places, self.time_zone, calendars)
        self.limits = Limits(self.predicates)

    def rule_set(self) -> Entry:
        conditions = _numbered(self._conditions())
        amount = mapping(
            self.rules["amount"], "$.rules.amount", required=("tariffs",),
            optional=("minus", "at_most_cents", "factors", "at_least"),
        )  # fmt: skip
        tariffs = _numbered(self._tariffs(amount["tariffs"], "$.rules.amount.tariffs"))
        adjustments = _numbered(self._adjustments(amount))
        limits = _numbered(self.limits.read(self.rules.get("limits")))
        numbers = [BUDGET] if self.limits.asks_budget else []
        asks_area = self.asks_area or self.places.asks_area
        return {
            "version": 2,
            "time_zone": self.time_zone,
            "outside": {
                "calendars": self.predicates.calendars,
                "zones": [AREA] if asks_area else [],
                "numbers": numbers,
            },
            "zones": self.places.used,
            "conditions": conditions,
            "tariffs": tariffs,
            "adjustments": adjustments,
            "rounding": "half_up",
            "negative": "allowed",
            "limits_order": "in_turn",
            "limits": limits,
        }

    def _conditions(self) -> Iterator[Entry]:
        if self.asks_area:
            area = {"in_zone": {"zone": AREA, "end": "either", "unknown": "fail"}}
            yield {"id": AREA, "require": area}
        if self.rules.get("operators") is not None:
            yield {"id": "operators", "require": {"partner": {"admitted": self._operators()}}}
        where = "$.rules.requirements"
        for index, (said, path) in enumerate(entries(self.rules.get("requirements"), where), 1):
            said_parts = mapping(said, path, optional=("require", "exclude", "when"))
            parts = {word: part for word, part in said_parts.items() if part is not None}
            if not {"require", "exclude"} & parts.keys():
                raise CampaignError(path, "no_requirement")
            found: Entry = {
                word: self.predicates.whole(parts[word], f"{path}.{word}")
                for word in ("require", "exclude", "when")
                if word in parts
            }
            yield {"id": f"requirement-{index}", **found}

    def _operators(self) -> list[Entry]:
        """By their instants: the last to have begun holds, wherever the file has it."""
        found: list[tuple[datetime, Entry]] = []
        for said, path in entries(self.rules["operators"], "$.rules.operators"):
            entry = mapping(said, path, required=("operators",), optional=("from",))
            begin, made = _EVER, Entry()
            if entry.get("from") is not None:
                begin = instant(entry["from"], f"{path}.from")
                made["from"] = moment(entry["from"], f"{path}.from")
            if entry["operators"] is not None:
                made["ids"] = labels(entry["operators"], f"{path}.operators")
            found.append((begin, made))
        found.sort(key=itemgetter(0))
        return [made for _, made in found] or [{"ids": []}]

    def _tariffs(self, said: object, path: str) -> Iterator[Entry]:
        for index, (item, where) in enumerate(entries(said, path), 1):
            tariff = mapping(item, where, required=("steps",), optional=("bands", "when"))
            bands = tariff.get("bands") or "cumulative"
            steps = [self._step(s, at) for s, at in entries(tariff["steps"], f"{where}.steps")]
            yield {
                "id": f"tariff-{index}",
                **self.predicates.when(tariff, where),
                "bands": one_of(bands, f"{where}.bands", ("cumulative", "exclusive")),
                "steps": steps or [{"fixed_cents": 0}],
            }

    def _step(self, said: object, path: str) -> Entry:
        step = {k: v for k, v in mapping(said, path, optional=_STEP).items() if v is not None}
        by_seat = flag(step.get("times_seats", True), f"{path}.times_seats")
        found: Entry = {"from": whole(step.get("from_m", 0), f"{path}.from_m", 0)}
        if "below_m" in step:
            found["below"] = whole(step["below_m"], f"{path}.below_m", 0)
        fixed = [name for name in ("fixed_cents", "seat_cents") if name in step]
        amounts: Entry = {name: decimal(step[name], f"{path}.{name}") for name in fixed}
        if not by_seat and "seat_cents" in amounts:
            # Seats are left out of the whole step, so that it has one amount.
            found["fixed_cents"] = _plus(amounts.get("fixed_cents", 0), amounts["seat_cents"])
        else:
            found |= amounts
        per = self._per(step, path)
        if per:
            found["per"] = per
            found |= {} if by_seat else {"times_seats": False}
        return {**found, **self.predicates.when(step, path)}

    def _per(self, step: Entry, path: str) -> Entry:
        bounds: Entry = {
            word: whole(step[name], f"{path}.{name}", 0)
            for name, word in (("km_from_m", "offset"), ("km_to_m", "limit"))
            if name in step
        }
        rounding = step.get("km_rounding")
        if rounding is not None:
            one_of(rounding, f"{path}.km_rounding", ("nearest_whole_km",))
            bounds["round_to"] = {"size": 1000, "mode": "half_up"}
        if "km_part_max_cents" in step:
            bounds["max_cents"] = decimal(step["km_part_max_cents"], f"{path}.km_part_max_cents")
        if "km_cents" not in step:
            return {}
        cents = decimal(step["km_cents"], f"{path}.km_cents")
        offset, limit = bounds.get("offset", 0), bounds.get("limit")
        if offset > step.get("from_m", 0) or (limit is not None and limit < offset):
            bounds["under_offset"] = "subtracts"  # the formula of the facts has no floor
        return {"of": "distance_m", "cents": cents, "size": 1000, **bounds}

    def _adjustments(self, amount: Entry) -> Iterator[Entry]:
        path = "$.rules.amount"
        if amount.get("minus") is not None:
            yield {"id": "minus", "minus": _value(amount["minus"], f"{path}.minus")}
        if amount.get("at_most_cents") is not None:
            most = decimal(amount["at_most_cents"], f"{path}.at_most_cents")
            yield {"id": "at-most", "at_most": {"cents": most}}
        factors = entries(amount.get("factors"), f"{path}.factors")
        for index, (said, where) in enumerate(factors, 1):
            factor = mapping(said, where, required=("times",), optional=("when",))
            times = decimal(factor["times"], f"{where}.times")
            yield {"id": f"factor-{index}", **self.predicates.when(factor, where), "times": times}
        if amount.get("at_least") is not None:
            yield {"id": "at-least", "at_least": _value(amount["at_least"], f"{path}.at_least")}


def _value(said: object, path: str) -> Entry:
    if isinstance(said, str):
        return {"field": FIELDS[one_of(said, path, tuple(FIELDS))], "unknown_cents": 0}
    return {"cents": decimal(said, path)}


def _plus(one: int | str, other: int | str) -> int | str:
    return written(fraction(one) + fraction(other))


def _time_zone(said: object, path: str) -> str:
    if said is None:
        return "Europe/Paris"
    name = text(said, path)
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise CampaignError(path, "no_time_zone", name=name) from error
    return name


def _numbered(found: Iterator[Entry]) -> list[Entry]:
    """With the order in which the facts state them."""
    return [
        {"id": entry.pop("id"), "order": order, **entry} for order, entry in enumerate(found, 1)
    ]

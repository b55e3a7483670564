"""What a deed earns under a rule set: pure, in whole cents, explained line by line.

The lines of a valuation always add up to its amount. Rates are rounded down to the cent; a cap
that has little left pays just that. Counters belong to the caller, who holds them locked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from app.impact.canonical import hash_json
from app.rewards.rule_format import EVERYBODY, IDENTITY_LEVELS, SPANS, RuleFault, rule_faults

__all__ = [
    "IDENTITY_LEVELS",
    "SPANS",
    "Cap",
    "Facts",
    "InvalidRulesError",
    "Line",
    "Rate",
    "RuleFault",
    "RuleSet",
    "Valuation",
    "apply_caps",
    "rule_set_hash",
    "span_keys",
    "validate_rules",
    "value",
]


class InvalidRulesError(ValueError):
    """A rule set that must not be used; `faults` say where and why."""

    def __init__(self, faults: list[RuleFault]) -> None:
        super().__init__("; ".join(f"{fault.path} {fault.code}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Rate:
    """What an action type earns: `numerator` cents per `denominator` units, or a fixed amount."""

    action_type: str
    numerator: int
    denominator: int | None  # None: the numerator is for the action, whatever its quantity
    max_cents: int | None


@dataclass(frozen=True)
class Cap:
    """At most `cents` a span for each citizen of an identity level ("*": of any)."""

    span: str
    level: str
    cents: int


@dataclass(frozen=True)
class RuleSet:
    """A published version of a programme's rules."""

    rates: Mapping[str, Rate]
    caps: tuple[Cap, ...]
    proof_levels: tuple[str, ...]
    max_age_days: int

    @classmethod
    def from_json(cls, rules: Mapping[str, Any]) -> Self:
        """Stored rules. Raises InvalidRulesError; action types are whatever they name."""
        named = [rate.get("action_type") for rate in _dicts(rules.get("rates"))]
        if faults := validate_rules(rules, [name for name in named if isinstance(name, str)]):
            raise InvalidRulesError(faults)
        return cls(
            rates={rate["action_type"]: _rate(rate) for rate in rules["rates"]},
            caps=tuple(Cap(cap["span"], cap["level"], cap["cents"]) for cap in rules["caps"]),
            proof_levels=tuple(rules["proof_levels"]),
            max_age_days=rules["max_age_days"],
        )

    def caps_for(self, identity_level: str) -> list[Cap]:
        """The caps that hold for a citizen, the longest span last."""
        caps = [cap for cap in self.caps if cap.level in (identity_level, EVERYBODY)]
        return sorted(caps, key=lambda cap: (SPANS.index(cap.span), cap.cents))


@dataclass(frozen=True)
class Facts:
    """What the rules look at. Days are those of the programme's time zone."""

    action_type: str
    quantity: int
    unit: str
    proof_level: str
    identity_level: str
    deed_day: date
    recorded_day: date


@dataclass(frozen=True)
class Line:
    """One step of an explanation; `explain.sentence` puts it in words."""

    code: str
    cents: int  # what the step adds, negative where it takes away
    values: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "cents": self.cents, "values": dict(self.values)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(data["code"], data["cents"], data["values"])


@dataclass(frozen=True)
class Valuation:
    """An amount and the lines that add up to it."""

    lines: tuple[Line, ...]

    @property
    def cents(self) -> int:
        return sum(line.cents for line in self.lines)


def validate_rules(rules: object, action_types: Collection[str]) -> list[RuleFault]:
    """What is wrong with rules that somebody wants to publish; empty if nothing is."""
    return rule_faults(rules, action_types)


def rule_set_hash(rules: Mapping[str, Any]) -> bytes:
    """keccak256 of the canonical JSON (RFC 8785): what the chain holds of a rule set."""
    return hash_json(rules)


def value(rule_set: RuleSet, facts: Facts) -> Valuation:
    """What a deed earns before caps. A deed that earns nothing has a line that says why."""
    rate = rule_set.rates.get(facts.action_type)
    if rate is None:
        return _nothing("not_rewarded")
    if facts.proof_level not in rule_set.proof_levels:
        return _nothing("proof_not_paid", proof_level=facts.proof_level)
    age = (facts.recorded_day - facts.deed_day).days
    if age > rule_set.max_age_days:
        return _nothing("too_old", age_days=age, max_age_days=rule_set.max_age_days)
    first = _earned(rate, facts)
    if rate.max_cents is None or first.cents <= rate.max_cents:
        return Valuation((first,))
    over = Line("max_per_action", rate.max_cents - first.cents, {"max_cents": rate.max_cents})
    return Valuation((first, over))


def apply_caps(
    rule_set: RuleSet, valuation: Valuation, facts: Facts, promised: Mapping[str, int]
) -> Valuation:
    """The valuation under the citizen's caps. `promised`: cents of each span so far."""
    for cap in rule_set.caps_for(facts.identity_level):
        already = promised[cap.span]
        over = valuation.cents - max(0, cap.cents - already)
        if over > 0:
            values = {"cap_cents": cap.cents, "already_cents": already}
            line = Line(f"cap_{cap.span}", -over, values)
            valuation = Valuation((*valuation.lines, line))
    return valuation


def span_keys(deed_day: date) -> dict[str, str]:
    """The counter of each span that a deed of that day counts in: caps follow the deed."""
    return {"day": f"day:{deed_day:%Y-%m-%d}", "month": f"month:{deed_day:%Y-%m}"}


def _earned(rate: Rate, facts: Facts) -> Line:
    if rate.denominator is None:
        return Line("per_action", rate.numerator, {"rate_cents": rate.numerator})
    values = {
        "quantity": facts.quantity,
        "unit": facts.unit,
        "numerator": rate.numerator,
        "denominator": rate.denominator,
    }
    return Line("per_unit", facts.quantity * rate.numerator // rate.denominator, values)


def _nothing(code: str, **values: Any) -> Valuation:
    return Valuation((Line(code, 0, values),))


def _rate(rate: Mapping[str, Any]) -> Rate:
    per_unit = rate.get("cents_per_unit")
    return Rate(
        action_type=rate["action_type"],
        numerator=per_unit["numerator"] if per_unit else rate["cents_per_action"],
        denominator=per_unit["denominator"] if per_unit else None,
        max_cents=rate.get("max_cents_per_action"),
    )


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []

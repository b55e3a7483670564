"""Rule sets as programmes publish them: of version 1 or of the general language, one evaluator.

Version 1 is turned into the general language when it is read; what is stored and hashed is what
two officers confirmed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from app.impact.canonical import hash_json
from app.rewards.language.action import Outside
from app.rewards.language.compiling import Program, compile_rules
from app.rewards.language.counting import counter_of
from app.rewards.language.earlier import from_version_1
from app.rewards.language.faults import Fault
from app.rewards.language.loading import InvalidRulesError, RuleSet, Vocabulary, load
from app.rewards.language.taken import longest_wait, takes
from app.rewards.rule_sets.rule_format import (
    FORMAT_VERSION,
    IDENTITY_LEVELS,
    PAYABLE_PROOF_LEVELS,
    RuleFault,
    rule_faults,
)

GENERAL = 2
MOST_DAYS = 366  # a deed is never taken later


@dataclass(frozen=True)
class Ruling:
    """A rule set ready to value deeds. `counted`: whose and what each of its counters counts."""

    program: Program
    max_age_days: int
    action_types: frozenset[str]
    counted: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Refusal:
    """The first thing wrong with a rule set, for a Problem: `said` in a reader's language."""

    path: str
    fault: Fault | RuleFault

    def said(self, language: str) -> str:
        if isinstance(self.fault, Fault):
            return self.fault.sentence(language).removeprefix(self.path).strip()
        return self.fault.code


def rule_set_hash(rules: Mapping[str, Any]) -> bytes:
    """keccak256 of the canonical JSON (RFC 8785): what the chain holds of a rule set."""
    return hash_json(rules)


def is_general(rules: Any) -> bool:
    return isinstance(rules, dict) and rules.get("version") == GENERAL


def checked(rules: Any, action_types: Collection[str]) -> dict[str, Any] | Refusal:
    """What may be stored and hashed, in its canonical form; or why not."""
    if not is_general(rules):
        if faults := rule_faults(rules, action_types):
            return Refusal(faults[0].path, faults[0])
        return dict(rules)
    try:
        data = load(rules, _vocabulary(action_types)).data
    except InvalidRulesError as error:
        return Refusal(error.faults[0].path, error.faults[0])
    return data


def general(rules: Mapping[str, Any], time_zone: str) -> RuleSet:
    """A stored rule set in the general language. Raises InvalidRulesError."""
    if is_general(rules):
        return load(dict(rules), Vocabulary.anything())
    if faults := rule_faults(rules, _named(rules)):
        raise InvalidRulesError([Fault(one.path, "wrong_form", {"example": one.code})
                                 for one in faults])  # fmt: skip
    return load(from_version_1(rules, time_zone), Vocabulary.anything())


def ruling(
    rules: Mapping[str, Any],
    time_zone: str,
    action_types: Collection[str],
    outside: Outside | None = None,
) -> Ruling:
    """Compiled. `action_types`: all that there are. Raises InvalidRulesError,
    MissingOutsideError."""
    data = general(rules, time_zone).data
    wait = longest_wait(data)
    counted = {counter_of(one): (one["per"], one["counts"]) for one in data["limits"]}
    return Ruling(
        program=compile_rules(data, outside),
        max_age_days=MOST_DAYS if wait is None else min(wait, MOST_DAYS),
        action_types=frozenset(kind for kind in action_types if takes(data, kind)),
        counted=counted,
    )


def _vocabulary(action_types: Collection[str]) -> Vocabulary:
    return Vocabulary(action_types, PAYABLE_PROOF_LEVELS, IDENTITY_LEVELS)


def _named(rules: Mapping[str, Any]) -> list[str]:
    rates = rules.get("rates")
    found = [rate.get("action_type") for rate in rates if isinstance(rate, dict)] if isinstance(
        rates, list
    ) else []  # fmt: skip
    return [name for name in found if isinstance(name, str)]


__all__ = ["FORMAT_VERSION", "GENERAL", "Refusal", "Ruling", "checked", "general", "is_general",
           "rule_set_hash", "ruling"]  # fmt: skip

"""A simulation as JSON: the same input gives the same bytes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.rewards.language.describing import by_entry
from app.rewards.language.naming import Names, named, named_line
from app.rewards.language.words import sentences
from app.rewards.trying.simulation import NO_TARIFF, Explained, Simulation, Tally
from app.rewards.trying.spread import moved, spread

BUDGET = "budget"
_OTHERS = {
    "en": {NO_TARIFF: "No tariff pays it.", BUDGET: "The programme's money has run short."},
    "fr": {NO_TARIFF: "Aucun tarif ne le paie.", BUDGET: "Le budget du programme est épuisé."},
}


def result(found: Simulation, language: str, names: Names) -> dict[str, Any]:
    """All that was found of one rule set."""
    rules, told = found.rules, sentences_of(found, language, names)
    return {
        "rule_set_hash": f"0x{rules.hash.hex()}",
        "first_day": found.first.isoformat() if found.first else None,
        "last_day": found.last.isoformat() if found.last else None,
        **_sums(found.whole),
        "asking": found.asking,
        "people": len(found.people),
        "nobodys_cents": found.nobodys_cents,
        "budget_cents": found.budget_cents,
        "left_cents": found.left_cents,
        "short_on": found.short_on.isoformat() if found.short_on else None,
        "months": [
            {"month": month, **_sums(found.months[month])} for month in sorted(found.months)
        ],
        "rules_that_bite": [
            {"rule": rule, "how": how, "words": told.get(rule, rule), **_sums(tally)}
            for (rule, how), tally in in_order(found)
        ],
        "rules_that_never_bite": never(found),
        "distribution": asdict(spread(found.people.values())),
        **({"citizen": _citizen(found, language, names)} if found.citizen is not None else {}),
    }


def compared(one: Simulation, other: Simulation) -> dict[str, Any]:
    """The second against the first."""
    return {
        "cost_cents": other.whole.cents - one.whole.cents,
        "people": moved(one.people, other.people),
    }


def in_order(found: Simulation) -> list[tuple[tuple[str, str], Tally]]:
    """What bites, the most often first."""
    return sorted(found.bites.items(), key=lambda item: (-item[1].actions, item[0]))


def never(found: Simulation) -> list[str]:
    """Conditions and limits that this history never meets."""
    bitten = {rule for rule, _ in found.bites}
    lists = (found.rules.data["conditions"], found.rules.data["limits"])
    return [entry["id"] for entries in lists for entry in entries if entry["id"] not in bitten]


def sentences_of(found: Simulation, language: str, names: Names) -> dict[str, str]:
    """What each rule says, by its id."""
    rules, told = found.rules.data, dict(_OTHERS[language])
    whole = names.with_zones(rules, language)
    for _, rule, sentence in by_entry(named(rules, whole), language):
        told.setdefault(rule, sentence)
    return told


def _sums(tally: Tally) -> dict[str, int]:
    return {
        "actions": tally.actions,
        "paid_actions": tally.paid,
        "worth_cents": tally.worth_cents,
        "cost_cents": tally.cents,
    }


def _citizen(found: Simulation, language: str, names: Names) -> dict[str, Any]:
    whole = names.with_zones(found.rules.data, language)
    return {
        "id": found.citizen,
        "cents": found.people.get(found.citizen or "", 0),
        "actions": [_explained(one, language, whole) for one in found.explained],
    }


def _explained(one: Explained, language: str, names: Names) -> dict[str, Any]:
    lines = [named_line(line, names) for line in one.decision.lines]
    return {
        "at": one.action.at.isoformat(),
        "worth_cents": one.decision.before,
        "cents": one.decision.cents,
        "lines": sentences(lines, language),
    }

"""The tables of the council's document, in French and English, each with where it is from.

No amount or count of people stands for fewer than five. Amounts are cents; one token buys goods
for a euro.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.demo.council_words import MONTHS, WORDS
from app.impact.catalogue import catalogue
from app.money import Euros
from app.rewards.language.figures import exact
from app.rewards.life import NOTICE, TIME_TO_CLOSE, TIME_TO_SPEND
from app.rewards.trying.names import names_of
from app.rewards.trying.results import compared, result
from app.rewards.trying.simulation import LEAST, Simulation
from app.rewards.trying.spread import Step, spread, together
from app.rewards.trying.summary import summary

Row = tuple[str, str]
_READ = {"distance_m": 1000, "waste_g": 1000, "water_ml": 1000, "energy_wh": 1000,
         "duration_s": 3600, "item_count": 1}  # fmt: skip


@dataclass(frozen=True)
class Sources:
    """`run`: what a demo's run came to; `plain`, `halved`: the rules tried on the larger plan."""

    run: Mapping[str, Any]
    funded_cents: int
    citizens: int
    days: int
    plain: Simulation
    halved: Simulation


def tables(found: Sources, language: str) -> dict[str, str]:
    """Markdown by the name in the document's marks."""
    words = WORDS[language]
    return {
        "season": _table(words["season"], _season(found, language), words["from_plan"]),
        "months": _table(words["months"], _months(found, language), words["from_plan"]),
        "caps": _table(words["caps"], _caps(found, language), words["from_plan"]),
        "summary": _quoted(found, language),
        "spread": _table(words["spread"], _spread(found, language), words["from_plan"]),
        "run": _table(words["run"], _run(found, language), words["from_run"]),
        "good": _table(words["good"], _good(found, language), words["from_run"]),
        "ledger": _table(words["ledger"], _ledger(found, language), words["from_run"]),
        "days": _table(words["days"], _days(language), words["from_code"]),
    }


def _table(head: str, rows: Iterable[Iterable[str]], source: str) -> str:
    columns = head.split("|")
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + f"\n\n*{source}*"


def _season(found: Sources, language: str) -> list[Row]:
    said, plain = WORDS[language]["season_rows"].split("|"), found.plain
    each = plain.whole.cents * 30 // (found.citizens * found.days)
    values = [
        exact(found.citizens, language),
        exact(found.days, language),
        exact(plain.whole.actions, language),
        _euros(plain.whole.cents, language),
        _euros(plain.whole.cents // plain.whole.paid, language),
        _euros(each, language),
        _euros(each * 12 * 1000, language),
    ]
    return list(zip(said, values, strict=True))


def _months(found: Sources, language: str) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for month, tally in sorted(found.plain.months.items()):
        year, number = month.split("-")
        name = f"{MONTHS[language].split()[int(number) - 1]} {year}"
        cents = _euros(tally.cents, language)
        rows.append((name, exact(tally.actions, language), cents))
    return rows


def _caps(found: Sources, language: str) -> list[tuple[str, ...]]:
    plain, halved = found.plain, found.halved
    people = compared(plain, halved)["people"]
    said = WORDS[language]["caps_rows"].split("|")
    cost = (_euros(one.whole.cents, language) for one in (plain, halved))
    worth = (_euros(one.whole.worth_cents, language) for one in (plain, halved))
    less = people["less"] if people["less"] == 0 or people["less"] >= LEAST else f"< {LEAST}"
    return [(said[0], *worth), (said[1], *cost), (said[2], "–", str(less))]


def _quoted(found: Sources, language: str) -> str:
    """As `civis programme simulate … --summary` says it, less the rules that bit a few alone."""
    plain = result(found.plain, language, names_of(catalogue(), language))
    bites = [one for one in plain["rules_that_bite"] if _many(found.plain, one)]
    said = summary({**plain, "rules_that_bite": bites}, None, None, language)
    return f"> {said}\n\n*{WORDS[language]['from_plan']}*"


def _many(found: Simulation, bite: Mapping[str, Any]) -> bool:
    return len(found.bites[bite["rule"], bite["how"]].people) >= LEAST


def _spread(found: Sources, language: str) -> list[tuple[str, ...]]:
    steps = together(spread(found.plain.people.values()).steps, LEAST)
    return [
        (_range(step, language), exact(step.people, language), _euros(step.cents, language))
        for step in steps
        if step.people
    ]


def _range(step: Step, language: str) -> str:
    words = WORDS[language]
    most = _euros(step.most, language)
    if step.above is None or step.above == 0:
        return words["up_to"].format(most=most)
    return words["over"].format(above=_euros(step.above, language), most=most)


def _run(found: Sources, language: str) -> list[Row]:
    actions, chain = found.run["actions"], found.run["chain"]
    counts = [actions[name] for name in ("recorded", "settled", "refused", "reversed")]
    counts += [chain["transactions"], chain["gas"]]
    said = WORDS[language]["run_rows"].split("|")
    return [(name, exact(count, language)) for name, count in zip(said, counts, strict=True)]


def _good(found: Sources, language: str) -> list[Row]:
    """Sums of quantities, cut to whole units for reading."""
    said = dict(zip(_READ, WORDS[language]["good_rows"].split("|"), strict=True))
    return [
        (said[name], exact(found.run["metrics"][name] // size, language))
        for name, size in _READ.items()
    ]


def _ledger(found: Sources, language: str) -> list[Row]:
    tokens, funded = found.run["tokens_cents"], found.funded_cents
    cents = [
        funded, tokens["minted"], funded - tokens["minted"], tokens["paid"],
        tokens["refunded"], tokens["paid_out"], tokens["minted"] - tokens["paid_out"],
    ]  # fmt: skip
    said = WORDS[language]["ledger_rows"].split("|")
    return [(name, _euros(amount, language)) for name, amount in zip(said, cents, strict=True)]


def _days(language: str) -> list[Row]:
    said = WORDS[language]["days_rows"].split("|")
    spans = (TIME_TO_SPEND, NOTICE, TIME_TO_CLOSE)
    return [(name, exact(span.days, language)) for name, span in zip(said, spans, strict=True)]


def _euros(cents: int, language: str) -> str:
    return Euros(cents).said(language)

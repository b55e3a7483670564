"""Explanations: lines that add up, as data that can be kept, in French and English."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from app.rewards.language.action import Action
from app.rewards.language.explaining import explain
from app.rewards.language.figures import amount
from app.rewards.language.lines import Decision, Line
from app.rewards.language.words import reason, sentences
from tests.unit.rewards.rules_world import AT, TARIFF, act, condition, limit, program

KM = {"of": "distance_m", "cents": "12.5", "size": 1000, "offset": 1000}
STEPS = [
    {"fixed_cents": 20},
    {"from": 1000, "seat_cents": "0.75", "per": KM},
    {"from": 2000, "per": {"of": "quantity", "cents": 1, "size": 100, "max_cents": 9}},
]


CHANGES: list[dict[str, Any]] = [
    {"id": "less", "order": 1, "minus": {"field": "contribution_cents"}},
    {"id": "twice", "order": 2, "times": "1.5"},
    {"id": "most", "order": 3, "at_most": {"cents": 120}},
    {"id": "least", "order": 4, "at_least": {"cents": "120.5"}},
]


def told(
    action: Action, /, *, counters: Any = None, budget: int | None = None, **members: Any
) -> Any:
    """Codes, French and English of a decision."""
    decision = explain(program(**members), action, counters if counters is not None else {}, budget)
    lines = decision.lines
    assert [Line.from_json(json.loads(json.dumps(line.to_json()))) for line in lines] == list(lines)
    for language in ("en", "fr"):
        for line, whole in zip(lines, sentences(lines, language), strict=True):
            short, result = reason(line, language), amount(line.cents, language)
            ending = {"en": f": {result}.", "fr": f"\xa0: {result}."}[language]
            assert whole in (short, short.removesuffix(".") + ending)
    return decision, sentences(lines, "en"), sentences(lines, "fr")


def test_every_step_of_an_amount() -> None:
    decision, english, french = told(
        act(distance_m=2401, seats=2, contribution_cents=4),
        tariffs=[{**TARIFF, "steps": STEPS}],
        adjustments=CHANGES,
        limits=[limit("day", 1, most=100)],
    )
    assert (decision.before, decision.cents, decision.by) == (121, 100, ("day",))
    assert english == [
        "For the deed: 0.20 tokens.",
        "2 seats at 0.0075 tokens: 0.015 tokens.",
        "1.401 km at 0.125 tokens for each 1 km × 2 seats: 0.35025 tokens.",
        "4 km at 0.01 tokens for each 100 m × 2 seats, at most 0.09 tokens: 0.18 tokens.",
        "Less what the other person paid (0.04 tokens): −0.04 tokens.",
        "Multiplied by 1.5: 0.352625 tokens.",
        "At least 1.205 tokens: 0.147125 tokens.",
        "Rounded to whole cents: 0.005 tokens.",
        "0.00 tokens of 1.00 token for you that day were used already: −0.21 tokens.",
    ]
    assert french == [
        "Pour le geste\xa0: 0,20 jeton.",
        "2 places à 0,0075 jeton\xa0: 0,015 jeton.",
        "1,401 km à 0,125 jeton pour 1 km × 2 places\xa0: 0,35025 jeton.",
        "4 km à 0,01 jeton pour 100 m × 2 places, au plus 0,09 jeton\xa0: 0,18 jeton.",
        "Moins ce que l’autre personne a payé (0,04 jeton)\xa0: −0,04 jeton.",
        "Multiplié par 1,5\xa0: 0,352625 jeton.",
        "Au moins 1,205 jeton\xa0: 0,147125 jeton.",
        "Arrondi au centime entier\xa0: 0,005 jeton.",
        "0,00 jeton sur 1,00 jeton pour vous ce jour-là étaient déjà pris\xa0: −0,21 jeton.",
    ]


SUNDAY = {"weekday": {"in": [7]}}
REFUSALS: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    (
        {"require": {"distance_m": {"at_least": 2000, "unknown": "fail"}}}, {"distance_m": 1400},
        "1.4 km is under the minimum of 2 km.", "1,4 km, c’est moins que le minimum de 2 km.",
    ),
    (
        {"require": {"distance_m": {"below": 80000, "unknown": "fail"}}}, {"distance_m": 80000},
        "80 km isn't less than 80 km, as it must be.",
        "80 km, ce n’est pas moins de 80 km, comme il le faut.",
    ),
    (
        {"require": {"quantity": {"above": 500, "at_most": 900, "unknown": "fail"}}},
        {"quantity": 500, "unit": "g"},
        "500 g isn't more than 500 g, as it must be.",
        "500 g, ce n’est pas plus de 500 g, comme il le faut.",
    ),
    (
        {"require": {"quantity": {"at_most": 3, "unknown": "fail"}}},
        {"quantity": 4, "unit": "item"},
        "4 items is over the maximum of 3 items.",
        "4 pièces, c’est plus que le maximum de 3 pièces.",
    ),
    (
        {"require": {"contribution_cents": {"at_least": 1, "unknown": "fail"}}}, {},
        "Not known, and it must be: what the other person paid is at least €0.01.",
        ("Inconnu, et il faut le savoir\xa0: la part payée par l’autre personne est d’au moins "
         "0,01\xa0€."),
    ),
    (
        {"require": {"proof_level": {"in": ["evidenced"]}}}, {},
        "Not met: the proof is evidenced (attested).",
        "Condition non remplie\xa0: la preuve est evidenced (attested).",
    ),
    (
        {"exclude": {"any": [{"hours": {"from": "05:00", "before": "06:00"}}, {"not": SUNDAY}]}},
        {},
        "Not met: the day is a Sunday.", "Condition non remplie\xa0: le jour est un dimanche.",
    ),
    (
        {"require": {"all": [{"not": {"weekday": {"in": [3]}}}, SUNDAY]}}, {},
        "Excluded: the day is a Wednesday.", "Exclu\xa0: le jour est un mercredi.",
    ),
    (
        {"require": {"any": [SUNDAY, {"all": [{"first_time": {"unknown": "fail"}}, SUNDAY]}]}}, {},
        "Not met: the day is a Sunday or (it is the first time and the day is a Sunday).",
        ("Condition non remplie\xa0: le jour est un dimanche ou (c’est la première fois et le jour "
         "est un dimanche)."),
    ),
    (
        {"require": {"first_time": {}}, "unknown": "ask"}, {},
        "To be found out first: it is the first time.",
        "À vérifier d’abord\xa0: c’est la première fois.",
    ),
    (
        {"exclude": {"day": {"from": "2031-05-01"}}, "when": {"adult": {"who": "other"}},
         "unknown": "ask"}, {},
        "To be found out first: the other person is of age.",
        "À vérifier d’abord\xa0: l’autre personne est majeure.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "fields", "english", "french"), REFUSALS)
def test_a_refusal(
    entry: dict[str, Any], fields: dict[str, Any], english: str, french: str
) -> None:
    decision, en, fr = told(act(**fields), conditions=[{"id": "one", "order": 1, **entry}])
    assert (decision.cents, decision.by) == (0, ("one",))
    assert ([english], [french]) == (en, fr)


ONE = {"most": 1, "counts": "actions", "at_limit": "refuse"}
LATE = [{**TARIFF, "steps": [{"from": 5000, "fixed_cents": 1}]}]
# Code of the last line -> action, what else is said, and the sentence.
OTHERS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "limit": (
        {},
        {"counters": {("day", "ana", AT.toordinal()): 1}, "limits": [limit("day", 1, **ONE)]},
        "1 of 1 deed for you that day were used already: −1.00 token.",
    ),
    "whose_not_known": (
        {"other": None},
        {"limits": [limit("p", 1, per="pair", most=1)]},
        "It isn't known which two people it counts for, and a limit asks it.",
    ),
    "kept_back": (
        {},
        {"limits": [limit("t", 1, per="trip", most=1, unknown_who="ask")]},
        "Kept back until then: −1.00 token.",
    ),
    "budget": (
        {},
        {"budget": 30},
        "The programme's money has only 0.30 tokens left: −0.70 tokens.",
    ),
    "no_tariff": ({}, {"tariffs": []}, "No tariff of the programme is for this deed."),
    "no_step": ({}, {"tariffs": LATE}, "The tariff pays nothing for 4 km."),
    "measure_not_known": (
        {"distance_m": None},
        {"tariffs": LATE},
        "The distance isn't known, so there is nothing to reckon with.",
    ),
    "not_under_zero": (
        {},
        {"adjustments": [{"id": "m", "order": 1, "minus": {"cents": 130}}]},
        "Never less than nothing: 0.30 tokens.",
    ),
}


def test_a_step_that_does_not_pay_when_nothing_is_measured() -> None:
    """Such as the bonus of a first deed, of a deed that has no distance."""
    step = {"fixed_cents": 500, "when": {"first_time": {"unknown": "fail"}}}
    tariffs = [{**TARIFF, "steps": [step]}]
    _decision, english, french = told(act(distance_m=None, first_time=False), tariffs=tariffs)
    assert english == ["The tariff pays nothing for this deed."]
    assert french == ["Le tarif ne paie rien pour ce geste."]


@pytest.mark.parametrize("code", OTHERS)
def test_what_else_may_be_said(code: str) -> None:
    fields, members, sentence = OTHERS[code]
    decision, english, french = told(act(**fields), **members)
    assert decision.lines[-1].code == code
    assert english[-1] == sentence
    assert len(french) == len(english)


def test_lines_that_dont_add_up_are_no_decision() -> None:
    with pytest.raises(ArithmeticError, match="add up to 5"):
        Decision(5, 5, (), (Line("x", "fixed", Fraction(4), {}),))


def test_nobody_elses_name_is_in_an_explanation() -> None:
    """Whom somebody shared with, and where they were, is told to nobody by a reason."""
    zones = {"town": {"codes": {"com": ["1"]}}}
    decision, *_ = told(
        act(other="ben", end={"com": "2"}, at=datetime(2031, 5, 14, tzinfo=UTC)),
        zones=zones,
        conditions=[condition({"in_zone": {"zone": "town", "end": "end", "unknown": "fail"}})],
    )
    text = json.dumps([line.to_json() for line in decision.lines])
    assert "ben" not in text
    assert '"2"' not in text

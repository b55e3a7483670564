"""Amounts in words: every line in both languages, with the numbers as people write them."""

from __future__ import annotations

import inspect
import re
import string
from datetime import date

import pytest

from app.impact.catalogue import PROOF_LEVEL_NUMBERS, Catalogue
from app.rewards import rules, valuation
from app.rewards.explain import PROOFS, SENTENCES, explain, measure, sentence, tokens
from app.rewards.rules import Facts, Line, RuleSet, apply_caps, value

NARROW = "\u202f"
MINUS = "\u2212"


def test_a_capped_ride_in_both_languages() -> None:
    rule_set = RuleSet.from_json(
        {
            "version": 1,
            "rates": [
                {
                    "action_type": "bike-trip",
                    "cents_per_unit": {"numerator": 10, "denominator": 1000},
                    "max_cents_per_action": 100,
                }
            ],
            "caps": [{"scope": "citizen", "span": "day", "level": "*", "cents": 500}],
            "proof_levels": ["measured"],
            "max_age_days": 3,
        }
    )
    day = date(2026, 11, 23)
    facts = Facts("bike-trip", 12_500, "m", "measured", "verified", day, day)
    lines = apply_caps(rule_set, value(rule_set, facts), facts, {"day": 480, "month": 480}).lines
    assert explain(lines, "en") == [
        "12.5 km at 10 cents for each 1 km: 1.25 tokens.",
        f"One action brings at most 1.00 token: {MINUS}0.25 tokens.",
        f"4.80 tokens of at most 5.00 tokens a day were promised already: {MINUS}0.80 tokens.",
    ]
    assert explain(lines, "fr") == [
        "12,5 km à 10 centimes pour 1 km : 1,25 jeton.",
        f"Une action rapporte au plus 1,00 jeton : {MINUS}0,25 jeton.",
        f"4,80 jetons sur 5,00 jetons au plus par jour étaient déjà promis : {MINUS}0,80 jeton.",
    ]


def test_every_code_has_a_sentence_with_the_same_values_in_both_languages() -> None:
    source = inspect.getsource(rules) + inspect.getsource(valuation)
    codes = set(re.findall(r'(?:Line|_nothing)\("([a-z_]+)"', source))
    codes |= {f"cap_{span}" for span in rules.SPANS}
    assert codes == set(SENTENCES["fr"]) == set(SENTENCES["en"])
    for code in codes:
        assert _fields(SENTENCES["fr"][code]) == _fields(SENTENCES["en"][code])


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_refusals_and_all_proof_levels_have_words(language: str) -> None:
    assert set(PROOFS[language]) == set(PROOF_LEVEL_NUMBERS)
    old = Line("too_old", 0, {"age_days": 9, "max_age_days": 7})
    assert {"9", "7"} <= set(re.findall(r"\d+", sentence(old, language)))
    for level, words in PROOFS[language].items():
        assert words in sentence(Line("proof_not_paid", 0, {"proof_level": level}), language)


def test_every_unit_of_the_catalogue_can_be_read() -> None:
    for entry in Catalogue.load().action_types():
        for language in ("fr", "en"):
            assert measure(entry.quantity_usual, entry.unit, language)


@pytest.mark.parametrize(
    ("quantity", "unit", "language", "text"),
    [
        (200, "m", "en", "200 m"),
        (4_299, "m", "fr", "4,299 km"),
        (100_000, "m", "en", "100 km"),
        (10_000_000_000, "ml", "fr", f"10{NARROW}000{NARROW}000 l"),
        (90, "s", "en", "1.5 min"),
        (1, "item", "en", "1 item"),
        (0, "item", "fr", "0 pièce"),
        (2, "item", "fr", "2 pièces"),
    ],
)
def test_quantities(quantity: int, unit: str, language: str, text: str) -> None:
    assert measure(quantity, unit, language) == text


def test_tokens() -> None:
    assert tokens(123_456_789, "en") == "1,234,567.89 tokens"
    assert tokens(199, "fr") == "1,99 jeton"
    assert tokens(200, "fr") == "2,00 jetons"

"""Clauses and figures in both languages."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from app.rewards.language.clauses import WORDS, clause
from app.rewards.language.figures import amount
from app.rewards.language.form import schema
from app.rewards.language.line_words import SENTENCES
from app.rewards.language.lines import Line
from app.rewards.language.words import FIELDS, NOBODY, PERIODS, WHOSE, sentence

LISTED = ("action_type", "proof_level", "proof_class", "identity_level")
BOUNDED = ("quantity", "distance_m", "seats", "contribution_cents", "revenue_cents")
ADMITTED = [
    {"ids": ["x", "y"]},
    {"from": "2031-06-01T22:00:00Z", "ids": []},
    {"from": "2031-07-01T00:00:00Z"},
]


def test_each_predicate_has_a_clause_in_both_languages() -> None:
    examples: dict[str, Any] = {
        **{kind: {"in": ["x"]} for kind in LISTED},
        **{kind: {"admitted": ADMITTED} for kind in ("partner", "attester")},
        **{kind: {"above": 1, "at_most": 2} for kind in BOUNDED},
        "instant": {"from": "2031-01-01T00:00:00Z", "before": "2031-02-01T00:00:00Z"},
        "day": {"from": "2031-01-01", "to": "2031-02-01"},
        "in_calendar": {"calendar": "holidays"},
        "weekday": {"in": [1, 2]},
        "hours": {"from": "07:00", "before": "09:00"},
        "recorded_within": {"days": 1},
        "adult": {"who": "citizen"},
        "first_time": {},
        "in_zone": {"zone": "town", "end": "either"},
        "same_zone": {"zones": ["town", "park"]},
        "same_code": {"kind": "com"},
        "all": [], "any": [], "not": {"all": [{"first_time": {}}]},
    }  # fmt: skip
    assert set(examples) == set(schema()["$defs"]["predicate"]["properties"])
    said = {
        kind: [clause({kind: one}, lang) for lang in ("en", "fr")] for kind, one in examples.items()
    }
    assert all(en and fr and en != fr for en, fr in said.values())
    assert said["partner"][0] == (
        "it was recorded by x or y, then nobody from 1 June 2031, 22:00 UTC on, then anybody from "
        "1 July 2031, 00:00 UTC on"
    )
    assert said["contribution_cents"][1] == (
        "la part payée par l’autre personne est de plus de 0,01\xa0€ et d’au plus 0,02\xa0€"
    )


def test_both_languages_say_the_same_things() -> None:
    for table in (SENTENCES, WORDS, FIELDS, WHOSE, NOBODY, PERIODS):
        assert set(table["en"]) == set(table["fr"])


def test_amounts_are_exact_whatever_their_fraction() -> None:
    assert [amount(c, "en") for c in (0, 1, 100, Fraction(1, 8), Fraction(1, 3), -123456)] == [
        "0.00 tokens",
        "0.01 tokens",
        "1.00 token",
        "0.00125 tokens",
        "1/300 tokens",
        "−1,234.56 tokens",
    ]
    assert amount(123456, "fr") == "1\u202f234,56 jetons"


def test_the_owner_reads_no_count_of_who_shared_it() -> None:
    """The pair's is about both."""
    for counts, most in (("actions", 4), ("cents", 400)):
        values = {"period": "day", "counts": counts, "most": most, "count": 3}
        line = Line("one", "limit", Fraction(-50), {"per": "other", **values})
        own = line.for_owner()
        assert sentence(own, "en") == (
            "A limit for the person you shared with that day is reached: −0.50 tokens."
        )
        assert sentence(own, "fr") == (
            "Un plafond pour la personne avec qui vous partagez ce jour-là est atteint\xa0: −0,50 "
            "jeton."
        )
        assert sentence(line, "en") != sentence(own, "en")
        pair = Line("one", "limit", Fraction(-50), {"per": "pair", **values})
        assert pair.for_owner() == pair

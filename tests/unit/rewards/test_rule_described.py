"""The public text of a rule set: every entry in its order, in both languages."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from app.rewards.language.describing import describe
from app.rewards.language.describing_words import WORDS
from app.rewards.language.loading import load
from tests.unit.rewards.rules_drawn import rule_sets
from tests.unit.rewards.rules_world import KNOWN, TARIFF, condition, limit, rules
from tests.unit.rewards.test_rule_properties import SAME

HOLIDAY = {"in_calendar": {"calendar": "holidays"}}
KM = {"of": "distance_m", "cents": 10, "size": 1000, "offset": 2000, "limit": 9000}
RULES = rules(
    outside={"calendars": ["holidays"], "numbers": ["purse"]},
    conditions=[
        condition({"distance_m": {"at_least": 2000}}, unknown="ask"),
        condition({"adult": {"who": "other", "unknown": "pass"}}) | {"id": "two", "order": 2},
        condition({"weekday": {"in": [7]}}, "exclude", when={"day": {"from": "2031-05-01"}})
        | {"id": "three", "order": 3},
    ],
    tariffs=[
        {**TARIFF, "when": HOLIDAY, "steps": [{"fixed_cents": 250}]},
        {
            **TARIFF,
            "id": "usual",
            "order": 2,
            "bands": "exclusive",
            "steps": [
                {"from": 2000, "below": 5000, "seat_cents": "12.5", "per": KM},
                {"from": 5000, "fixed_cents": 100, "when": {"first_time": {"unknown": "fail"}}},
            ],
        },
    ],
    adjustments=[{"id": "twice", "order": 1, "times": "1.5", "when": HOLIDAY}],
    limits=[
        limit("trips", 1, most=2, counts="actions", at_limit="refuse"),
        limit("all", 2, per="programme", period="always", most={"number": "purse"}),
    ],
)

ENGLISH = [
    (
        ("Needed: the distance is at least 2 km (where it isn't known, somebody finds out first)."),
        "Needed: the other person is of age (or not known).",
        "Only if the day is 1 May 2031 or later: Excluded: the day is a Sunday.",
    ),
    (
        "If the day is in the calendar holidays: 2.50 tokens for the deed.",
        (
            "Otherwise: from 2 km to less than 5 km: 0.125 tokens for each seat, 0.10 tokens "
            "for each 1 km from 2 km on up to 9 km and seat; from 5 km on if it is the first "
            "time: 1.00 token for the deed."
        ),
        "Only the step that fits pays.",
        "Multiplied by 1.5 if the day is in the calendar holidays.",
        "Rounded to the cent, halves up.",
    ),
    (
        "At most 2 deeds for each person a day.",
        (
            "At most what “purse” says (tokens) in the programme in all (the last one gets "
            "what is left)."
        ),
    ),
]


def said(language: str) -> list[tuple[str, ...]]:
    return [section.sentences for section in describe(load(RULES, KNOWN).data, language)]


def test_each_entry_in_a_sentence() -> None:
    assert said("en") == ENGLISH
    french = said("fr")
    assert french[0][2] == (
        "Seulement si le jour est le 1er mai 2031 ou plus tard\xa0: Exclu\xa0: le jour est un"
        " dimanche."
    )
    assert french[2][0] == "Au plus 2 gestes par personne par jour."


@SAME
@given(rule_sets())
def test_every_rule_set_can_be_told(members: dict[str, Any]) -> None:
    data = load(rules(**members), KNOWN).data
    english, french = describe(data, "en"), describe(data, "fr")
    assert [len(one.sentences) for one in english] == [len(one.sentences) for one in french]
    assert len(english[0].sentences) == len(data["conditions"])
    assert len(english[2].sentences) == len(data["limits"])
    assert all(text.endswith(".") for one in (*english, *french) for text in one.sentences)


def test_both_languages_have_the_same_words() -> None:
    assert set(WORDS["en"]) == set(WORDS["fr"])
    for name in ("kinds", "periods", "whose"):
        assert set(WORDS["en"][name]) == set(WORDS["fr"][name])

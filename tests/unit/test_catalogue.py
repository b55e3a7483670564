"""The catalogue's data: consistent, sourced, and the figures of its sources to the last digit."""

from __future__ import annotations

import copy
import json
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from app.impact.canonical import canonical_json, hash_json
from app.impact.catalogue import METRICS, Catalogue, Framework, UnknownActionTypeError
from app.impact.entries import GOAL_ONLY, PROXY
from app.impact.reading import read_action_type
from app.typography import printed

DATA = Path(__file__).parents[2] / "app/impact/data"
SHARED = Path(__file__).parents[3] / "shared" / "data"
MAPPABLE = "3.6.1 6.4.1 7.2.1 11.2.1 11.3.2 11.6.1 11.6.2 12.3.1 12.5.1 12.8.1 13.3.1 15.1.1"
# Micrograms per unit of the metric, for one kilogram per unit of the source.
SCALE = {"distance_m": 10**6, "waste_g": 10**6, "water_ml": 10**6, "energy_wh": 10**6}

catalogue = Catalogue.load()
FACTORS = list(chain(*catalogue.factors.values()))
TYPES = json.loads((DATA / "action_types.json").read_text())
# The goals that somebody's deed here can honestly reach; to the others none contributes.
REACHED = ["2", "3", "6", "7", "11", "12", "13", "15"]


def _shared(path: str) -> Any:
    if not (SHARED / path).exists():
        pytest.skip(f"reference data ../shared/data/{path} is not here: figures not compared")
    return json.loads((SHARED / path).read_text())


def test_enough_to_do_and_every_indicator_that_can_be_touched_is_touched() -> None:
    assert len(catalogue.action_types()) >= 30
    assert set(catalogue.indicators) == set(MAPPABLE.split())
    assert all(catalogue.contributing_to(code) for code in catalogue.indicators)


def test_all_goals_are_listed_and_those_that_can_be_reached_are_reached() -> None:
    assert list(catalogue.goals) == [str(number) for number in range(1, 18)]
    assert [code for code in catalogue.goals if catalogue.serving(code)] == REACHED
    used = {link.code for kind in catalogue.action_types() for link in kind.indicators}
    assert set(catalogue.targets) >= {entry.target for entry in catalogue.indicators.values()}
    assert not set(catalogue.targets) - used - {e.target for e in catalogue.indicators.values()}


def test_an_action_says_its_goals_its_baseline_and_by_whom_and_its_co2e_or_why_none() -> None:
    for entry in catalogue.action_types():
        assert entry.goals, entry.id
        assert (entry.co2e is None) == bool(entry.no_co2e), entry.id
        assert entry.unit, entry.id
        assert entry.evidence, entry.id
        alone = {link.relation for link in entry.indicators} == {GOAL_ONLY}
        assert not alone or entry.comment, f"{entry.id} says not why it moves no indicator"


def test_a_proxy_counts_what_its_indicator_counts() -> None:
    """12.5.1 counts tonnes recycled; nothing else of ours is of an indicator's own kind."""
    proxies = {
        (link.code, metric)
        for kind in catalogue.action_types()
        for link in kind.indicators
        if link.relation == PROXY
        for metric in kind.metrics
    }
    assert proxies == {("12.5.1", "waste_g")}


def test_an_indicator_under_two_codes_is_one() -> None:
    assert catalogue.same_as("13.3.1") == catalogue.same_as("12.8.1") == ("12.8.1", "13.3.1")
    assert catalogue.same_as("11.6.2") == ("11.6.2",)
    assert catalogue.contributing_to("12.8.1") == catalogue.contributing_to("13.3.1")
    repair = catalogue.action_type("repair-workshop")
    assert catalogue.codes_of(repair) == {"12.8.1", "13.3.1"}
    assert catalogue.goals_of(repair) == {"12", "13"}


def test_every_text_is_there_in_both_languages() -> None:
    for entry in catalogue.action_types():
        texts = [
            entry.name,
            entry.baseline,
            entry.baseline_source,
            *(link.why for link in entry.indicators),
        ]
        assert all(text["fr"].strip() and text["en"].strip() for text in texts), entry.id


@pytest.mark.parametrize("factor", FACTORS, ids=lambda factor: factor.full_name)
def test_an_integer_is_the_source_rounded_once(factor: Any) -> None:
    kilograms = sum(map(Decimal, factor.source_values)) / factor.divided_by
    kilograms /= 1000 if factor.source_unit.startswith("g") else 1
    exact = kilograms * SCALE.get(factor.metric.value, 10**9)
    assert factor.micrograms_per_unit == int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))
    assert all((factor.source.licence, factor.source.read_on, factor.version))


@pytest.mark.parametrize("factor", FACTORS, ids=lambda factor: factor.full_name)
def test_a_factor_is_what_its_source_says(factor: Any) -> None:
    found = _source_values(factor.source_key)
    assert sorted(found) == sorted(map(Decimal, factor.source_values))


def _source_values(key: str) -> list[Decimal]:
    group, _, slug = key.partition("/")
    if not slug:
        rules = _shared("emission_factors/ademe_nosgestesclimat_constants_fr.json")["rules"]
        return [Decimal(str(rules[key]["value"]))]
    groups = _shared("emission_factors/ademe_impactco2.json")
    (entry,) = [entry for entry in groups[group] if entry["slug"] == slug]
    parts = entry.get("ecv") or [{"value": entry["total"]}]
    return [Decimal(str(part["value"])) for part in parts]


@pytest.mark.parametrize(
    ("kind", "among", "generic"),
    [
        ("appliance-repair", "divers . électroménager . appareils", "none"),
        ("second-hand-garment", "divers . textile", "article"),
        ("second-hand-furniture", "divers . ameublement . meubles", "par kg"),
    ],
)
def test_what_counts_as_the_lowest_of_its_source_is(kind: str, among: str, generic: str) -> None:
    entry = catalogue.action_type(kind)
    assert "the lowest of the source" in entry.baseline["en"]
    rules = _shared("emission_factors/ademe_nosgestesclimat_constants_fr.json")["rules"]
    others = {
        Decimal(str(rule["value"]))
        for name, rule in rules.items()
        if name.startswith(among) and "empreinte" in name and generic not in name
    }
    assert entry.co2e is not None
    (counted,) = entry.co2e.baseline[0].source_values
    assert Decimal(counted) == min(others)


def test_a_meal_with_chicken_is_the_lowest_with_meat() -> None:
    meals = _shared("emission_factors/ademe_impactco2.json")["repas"]
    with_meat = [meal for meal in meals if "viande" in (meal.get("synonyms") or ())]
    lowest = min(with_meat, key=lambda meal: Decimal(str(meal["total"])))
    for kind in ("vegetarian-meal", "vegan-meal"):
        rule = catalogue.action_type(kind).co2e
        assert rule is not None
        assert rule.baseline[0].source_key == f"repas/{lowest['slug']}"


def test_indicators_are_the_official_ones() -> None:
    official = {entry["code"]: entry for entry in _shared("sdg_indicators.json")["indicators"]}
    for code, indicator in catalogue.indicators.items():
        assert indicator.title["en"] == official[code]["title"]
        french = printed({"fr": official[code]["title_fr"]})["fr"]
        assert french.startswith(indicator.title["fr"])
        assert indicator.unsd_code == official[code]["unsd_code"]
        assert (indicator.goal, indicator.target, indicator.fr_stale) == (
            official[code]["goal"],
            official[code]["target"],
            official[code]["fr_stale"],
        )


def test_goals_and_targets_are_the_official_ones() -> None:
    shared = _shared("sdg_indicators.json")
    goals = {entry["code"]: entry["title_short"] for entry in shared["goals"]}
    targets = {entry["code"]: entry for entry in shared["targets"]}
    assert {code: goal.title["en"] for code, goal in catalogue.goals.items()} == goals
    for code, target in catalogue.targets.items():
        assert (target.title["en"], target.goal) == (targets[code]["title"], targets[code]["goal"])
        assert target.title["fr"] == targets[code]["title_fr"]


def test_looking_up() -> None:
    bike = catalogue.action_type("bike-trip")
    assert catalogue.by_number(bike.number, 1) is bike
    with pytest.raises(UnknownActionTypeError):
        catalogue.action_type("flying")
    with pytest.raises(UnknownActionTypeError):
        catalogue.action_type("bike-trip", 2)
    with pytest.raises(UnknownActionTypeError):
        catalogue.by_number(0)


@pytest.mark.parametrize(
    "change",
    [
        {"metrics": {"trees": 1}},
        {"proof_levels": ["sworn"]},
        {"indicators": [{"code": "99.9.9", "relation": "contributes-to", "why": {}}]},
        {"indicators": [{"code": "11.6.2", "relation": "measures", "why": {}}]},
        {"indicators": [{"code": "11.6.2", "relation": "goal-only", "why": {}}]},
        {"indicators": [{"code": "11.6", "relation": "proxy", "why": {}}]},
        {"baseline_said_by": "nobody"},
        {"quantity": {"usual": 5, "max": 4}},
        {"number": 2**32},
        {"co2e": None},
        {"metrics": {"waste_g": 1}},
    ],
    ids=str,
)
def test_a_contradiction_is_refused_at_start(change: dict[str, Any]) -> None:
    said_by, known = TYPES["baselines_said_by"], _framework()
    entry = copy.deepcopy(TYPES["action_types"][0])
    read_action_type(entry, said_by, catalogue.factors, known)
    with pytest.raises(ValueError, match="bike-trip"):
        read_action_type(entry | change, said_by, catalogue.factors, known)


def _framework() -> Framework:
    return Framework(catalogue.goals, catalogue.targets, catalogue.indicators)


def test_a_number_is_never_given_twice() -> None:
    first, second = catalogue.action_types()[:2]
    clash = type(second)(**{**second.__dict__, "number": first.number})
    with pytest.raises(ValueError, match="twice"):
        Catalogue([first, clash], {}, _framework(), b"")


def test_metrics_stand_in_the_order_of_the_contracts() -> None:
    assert METRICS == (
        "distance_m", "waste_g", "water_ml", "energy_wh", "duration_s", "item_count"
    )  # fmt: skip


def test_canonical_json_is_that_of_rfc_8785() -> None:
    value = {"b": [1, True, None], "a": 'é\u2028"\\\u000f\n', "\U0001f600": 0, "\ufb33": -1}
    expected = '{"a":"é\u2028\\"\\\\\\u000f\\n","b":[1,true,null],"\U0001f600":0,"\ufb33":-1}'
    assert canonical_json(value) == expected.encode()
    assert hash_json({"a": 1, "b": 2}) == hash_json({"b": 2, "a": 1}) != hash_json({"a": 1})
    for refused, error in ((1.5, TypeError), (2**53, ValueError), (b"", TypeError)):
        with pytest.raises(error):
            canonical_json({"a": refused})
    with pytest.raises(UnicodeEncodeError):
        canonical_json("\ud800")

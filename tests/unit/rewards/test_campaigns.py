"""Campaigns of any folder: each case gives the amounts and counters that its file states.

CIVIS_CAMPAIGNS names folders (as PATH does); without it, ../shared/data/campaigns where that is.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from app.rewards.campaigns.checking import check
from app.rewards.campaigns.converting import convert
from app.rewards.campaigns.reading import read_file
from app.rewards.language.loading import Vocabulary, load

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "data" / "campaigns"
FOLDERS = [Path(one) for one in os.environ.get("CIVIS_CAMPAIGNS", str(SHARED)).split(os.pathsep)]
FILES = sorted(file for folder in FOLDERS for file in folder.glob("*.json"))
if "CIVIS_CAMPAIGNS" in os.environ and not FILES:
    raise FileNotFoundError(f"CIVIS_CAMPAIGNS names no campaign: {FOLDERS}")
FEW = pytest.param(
    None, marks=pytest.mark.skip(f"no campaigns in {FOLDERS}: name a folder in CIVIS_CAMPAIGNS")
)


@pytest.mark.parametrize("file", FILES or [FEW], ids=lambda file: getattr(file, "stem", "none"))
def test_a_campaign_gives_what_its_cases_say(file: Path) -> None:
    facts = read_file(file)
    rules = load(convert(facts), Vocabulary.anything()).data
    fast, slow = list(check(facts, rules)), list(check(facts, rules, explained=True))
    assert fast, "no case was tried"
    assert [one for one in fast if one.differences] == []
    assert slow == fast, "the explained way gives the same, and its lines add up"


@pytest.mark.parametrize("file", FILES or [FEW], ids=lambda file: getattr(file, "stem", "none"))
def test_a_cent_more_or_less_is_a_difference(file: Path) -> None:
    facts = read_file(file)
    rules = load(convert(facts), Vocabulary.anything()).data
    for case in [*facts.get("cases", ()), *facts.get("dense_cases", ())]:
        _spoil(case)
    found = list(check(facts, rules))
    assert all(len(one.differences) >= 1 for one in found)


def _spoil(case: dict[str, Any]) -> None:
    """One amount a cent off, wherever it is said."""
    case.setdefault("before_limits_cents", list(case["expected_cents"]))
    amounts = case.get("disputed", {}).get("rules_give_cents", case["expected_cents"])
    amounts[-1] += 1


def test_the_shared_campaigns_are_all_tried() -> None:
    if SHARED not in FOLDERS or not FILES:
        pytest.skip("the shared campaigns aren't on this machine")
    campaigns = [read_file(file) for file in SHARED.glob("*.json")]
    outcomes = [one for facts in campaigns for one in check(facts, convert(facts))]
    counts = {part: [one.part for one in outcomes].count(part) for part in ("cases", "dense_cases")}
    assert counts == {"cases": 112, "dense_cases": 72}
    assert sum(one.journeys for one in outcomes) == 672 + 4320
    assert [one.name for one in outcomes if one.disputed] == ["refused journeys"]

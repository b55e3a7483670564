"""Whatever a campaign in the format of facts says: the amounts, before limits and after them, and
the counters are those of an oracle that was written from the format's description alone."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from app.rewards.campaigns.checking import check
from app.rewards.campaigns.converting import convert
from app.rewards.language.loading import Vocabulary, load
from tests.support.campaign_oracle import play
from tests.unit.rewards.campaigns_drawn import campaigns
from tests.unit.rewards.test_rule_properties import SAME


def as_the_oracle_says(facts: dict[str, Any]) -> dict[str, Any]:
    """The case, with what it should come to."""
    (case,) = facts["cases"]
    before, after, oracle = play(facts, case)
    told = {"expected_cents": after, "before_limits_cents": before}
    return {**facts, "cases": [{**case, **told, "counters_after": oracle.listed()}]}


@SAME
@given(campaigns)
def test_any_campaign_gives_what_its_format_says(facts: dict[str, Any]) -> None:
    whole = as_the_oracle_says(facts)
    rules = load(convert(whole), Vocabulary.anything()).data
    for explained in (False, True):
        (outcome,) = check(whole, rules, explained=explained)
        assert outcome.differences == []


@SAME
@given(campaigns)
def test_counters_begin_where_the_case_says(facts: dict[str, Any]) -> None:
    """A sequence in two halves, the second with what the first left, gives what it does whole."""
    (case,) = as_the_oracle_says(facts)["cases"]
    half = len(case["journeys"]) // 2
    first = {**case, "journeys": case["journeys"][:half]}
    counters = play(facts, first)[2].listed()
    second = {
        **{name: case[name][half:] for name in ("journeys", "expected_cents")},
        "before_limits_cents": case["before_limits_cents"][half:],
        "counters_before": counters,
        "counters_after": case["counters_after"],
    }
    whole = {**facts, "cases": [second]}
    (outcome,) = check(whole, load(convert(whole), Vocabulary.anything()).data)
    assert outcome.differences == []

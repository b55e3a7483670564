"""What another version would change: values, never how they are written."""

from __future__ import annotations

from typing import Any

from app.rewards.language.changed import changes
from app.rewards.language.loading import load
from app.rewards.language.naming import Names
from tests.unit.rewards.rules_world import KNOWN, rules


def rated(cents: int, size: int) -> dict[str, Any]:
    step = {"per": {"of": "quantity", "cents": cents, "size": size}}
    tariff = {"id": "water", "order": 1, "bands": "cumulative", "steps": [step]}
    return load(rules(tariffs=[tariff]), KNOWN).data


def test_a_rate_that_is_worth_the_same_is_no_change_and_another_is_one() -> None:
    before = rated(20, 1000)
    assert changes(before, rated(2, 100), "en", Names()) == []
    [found] = changes(before, rated(3, 100), "en", Names())
    assert (found.rule, found.kind) == ("water", "changed")

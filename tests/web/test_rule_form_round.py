"""The form and the JSON say the same: untouched, the form gives back the very rule set; typed, it
is shown again as it was typed; what it can't show stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from app.context import Application
from app.errors import Problem
from app.rewards.language.loading import Vocabulary, load
from app.rewards.rule_sets.published import rule_set_hash
from app.web.rule_sets import rule_form, rule_json
from tests.support.form_rules import CHANGES, RULE_SETS

ANYTHING = Vocabulary.anything()
STEADY = settings(
    derandomize=True,
    deadline=None,
    max_examples=150,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture(scope="module", params=["en", "fr"], autouse=True)
def spoken(request: pytest.FixtureRequest, application: Application) -> Iterator[str]:
    with application.test_request_context(headers={"Accept-Language": request.param}):
        yield request.param


@STEADY
@given(RULE_SETS)
def test_untouched_it_gives_back_the_very_rules(rules: dict[str, Any]) -> None:
    stored = load(rules, ANYTHING)
    form = rule_form.typed(stored.data)
    assert rule_set_hash(rule_form.rules_of(form)) == stored.hash
    assert json.loads(rule_json.written(stored.data, "UTC")) == stored.data


@STEADY
@given(RULE_SETS, CHANGES)
def test_what_is_typed_is_shown_again_and_the_rest_stays(
    rules: dict[str, Any], changes: dict[str, str]
) -> None:
    before = load(rules, ANYTHING).data
    try:
        made = rule_form.rules_of(rule_form.typed(before) | changes)
    except Problem:
        return
    shown = rule_form.typed(made)
    for name, text in changes.items():
        if not name.startswith("cap"):
            assert shown.get(name, "") in (text, text.replace(".", ",")), name
    again = rule_form.rules_of(shown)
    assert again == made
    kept = rule_form.kept(before)
    assert [entry for entry in _entries(before) if entry["id"] in kept] == [
        entry for entry in _entries(made) if entry["id"] in kept
    ]
    for word in ("zones", "outside", "negative"):
        assert made.get(word) == before.get(word)


def _entries(rules: dict[str, Any]) -> list[dict[str, Any]]:
    parts = ("conditions", "tariffs", "adjustments", "limits")
    return [entry for part in parts for entry in rules.get(part, ())]

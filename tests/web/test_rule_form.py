"""What an officer types becomes the very rules that it was shown for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from app.context import Application
from app.errors import Problem
from app.web import rule_form, rule_preview
from app.web.office_programmes import EXAMPLE, safe_rules


@pytest.fixture(params=["en", "fr"])
def spoken(request: pytest.FixtureRequest, application: Application) -> Iterator[str]:
    with application.test_request_context(headers={"Accept-Language": request.param}):
        yield request.param


def test_the_form_gives_back_the_safe_defaults(spoken: str) -> None:
    form = rule_form.typed(safe_rules())
    assert form["rate_glass-recycling"] == {"en": "0.05", "fr": "0,05"}[spoken]
    typed, defaults = rule_form.rules_of(form), safe_rules()
    for rate, default in zip(typed["rates"], defaults["rates"], strict=True):
        per, was = rate.pop("cents_per_unit", None), default.pop("cents_per_unit", None)
        assert rate == default
        if was is not None:  # the same price, perhaps with another denominator
            assert per["numerator"] * was["denominator"] == was["numerator"] * per["denominator"]
    assert sorted(map(str, typed["caps"])) == sorted(map(str, defaults["caps"]))
    assert typed["proof_levels"] == defaults["proof_levels"]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"rate_glass-recycling": "much"}, "rate-not-understood", "rate_glass-recycling"),
        ({"rate_glass-recycling": "-1"}, "rate-not-understood", "rate_glass-recycling"),
        ({"rate_glass-recycling": "NaN"}, "rate-not-understood", "rate_glass-recycling"),
        ({"rate_glass-recycling": "0.0000000001"}, "rate-not-understood", "rate_glass-recycling"),
        ({"most_glass-recycling": ""}, "rate-not-understood", "most_glass-recycling"),
        ({"rate_bus-trip": "0.005"}, "rate-not-understood", "rate_bus-trip"),
        ({"cap_contact_day": ""}, "cap-not-understood", "cap_contact_day"),
        ({"max_age_days": "soon"}, "age-not-understood", "max_age_days"),
    ],
)
@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_what_is_wrong_is_named(
    spoken: str, changes: dict[str, str], code: str, field: str
) -> None:
    with pytest.raises(Problem, match=code) as caught:
        rule_form.rules_of(rule_form.typed(safe_rules()) | changes)
    assert caught.value.field == field
    assert caught.value.sentence(spoken).remedy


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_an_example_is_explained_line_by_line(spoken: str) -> None:
    rules, form = safe_rules(), {**EXAMPLE, "example_quantity": "4000"}
    day, zone = date(2026, 11, 25), ZoneInfo("Europe/Paris")
    found = rule_preview.example(rules, form, day, zone)
    assert (found.cents, len(found.lines)) == (50, 1)
    assert "at most 0.50 tokens" in found.lines[0]
    for wrong in ("0", "", "-4", "Infinity"):
        with pytest.raises(Problem, match="example-not-understood"):
            rule_preview.example(rules, {**form, "example_quantity": wrong}, day, zone)
    assert spoken == "en"

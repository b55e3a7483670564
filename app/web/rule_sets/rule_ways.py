"""The two ways to write rules, and what goes along from one to the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.web.rule_sets import rule_form, rule_json

Form = dict[str, str]
FORM, JSON = "form", "json"
EXAMPLE = {"example_kind": "glass-recycling", "example_quantity": "4", "example_level": "contact"}
_BESIDES = ("name_fr", "name_en", "slug", "token_symbol", "first_day", "last_day_to_earn",
            "last_day_to_spend", "budget", "valid_from", *EXAMPLE)  # fmt: skip


def written(way: str, rules: Mapping[str, Any], zone: str) -> Form:
    """Stored rules, as a way shows them."""
    if way == JSON:
        return {"rules": rule_json.written(rules, zone)}
    return rule_form.typed(rules, zone)


def besides(form: Form) -> Form:
    """What was typed beside the rules."""
    return {name: form[name] for name in _BESIDES if name in form}

"""Rules to begin with: this installation's safe defaults, which the demo city uses too."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def safe_rules(time_zone: str) -> dict[str, Any]:
    """Of version 2; days and caps are those of `time_zone`."""
    text = resources.files("app.rewards").joinpath("data", "demo_rules.json")
    rules: dict[str, Any] = json.loads(text.read_text(encoding="utf-8"))
    limits = [{**limit, "time_zone": time_zone} for limit in rules["limits"]]
    return {**rules, "time_zone": time_zone, "limits": limits}

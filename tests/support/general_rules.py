"""A small rule set of the general language, with warnings."""

from __future__ import annotations

from typing import Any

GENERAL: dict[str, Any] = {
    "version": 2,
    "time_zone": "Europe/Paris",
    "conditions": [],
    "tariffs": [
        {
            "id": "glass",
            "order": 1,
            "when": {"action_type": {"in": ["glass-recycling"]}},
            "bands": "cumulative",
            "steps": [{"fixed_cents": 12}],
        }
    ],
    "rounding": "down",
    "limits": [],
}

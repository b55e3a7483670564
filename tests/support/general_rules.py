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


def limit(order: int, per: str, period: str, counts: str, most: int, **more: Any) -> dict[str, Any]:
    """A limit of a rule set; cents are cut, all else is refused."""
    return {
        "id": f"{per}-{period}-{counts}",
        "order": order,
        "per": per,
        "period": period,
        "counts": counts,
        "most": most,
        "time_zone": "Europe/Paris",
        "at_limit": "cut" if counts == "cents" else "refuse",
        **more,
    }

"""Corrections are bounded: what is taken back under a key was published under it before.

The contract refuses more in actions and reward; of metrics it holds no sums, so that they are
checked from the events alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.impact.entries import METRICS

FIELDS = ("actions", "reward", *METRICS)
Key = tuple[bytes, int, int, int, int]


@dataclass
class Standing:
    """What cells published less what corrections took back, by programme and key."""

    sums: dict[Key, list[int]] = field(default_factory=dict)
    too_much: dict[bytes, tuple[str, int]] = field(default_factory=dict)  # the first, its block

    def add(self, programme: bytes, cell: Mapping[str, Any], block: int) -> None:
        key = (
            programme, cell["actionTypeId"], cell["actionTypeVersion"], cell["proofLevel"],
            cell["month"],
        )  # fmt: skip
        sums = self.sums.setdefault(key, [0] * len(FIELDS))
        for place, amount in enumerate((cell["actions"], cell["reward"], *cell["metrics"])):
            sums[place] += -amount if cell["correction"] else amount
            if sums[place] < 0:
                what = f"{FIELDS[place]} of action type {key[1]} in {key[4]}: {sums[place]}"
                self.too_much.setdefault(programme, (what, block))

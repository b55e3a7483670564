"""Which caps are safe: everybody has one a day and a month, and who is known less has no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from app.rewards.rule_sets.rule_format import EVERYBODY, IDENTITY_LEVELS, SPANS


@dataclass(frozen=True)
class UnsafeCap:
    """`level` has no cap in `span`, or one above that of `above`."""

    span: str
    level: str
    above: str


def unsafe_cap(rules: Mapping[str, Any]) -> UnsafeCap | None:
    """The first cap that is missing or too high; of rules whose form was checked."""
    for span in SPANS:
        for level, above in pairwise((*IDENTITY_LEVELS, IDENTITY_LEVELS[-1])):
            own, other = cap_of(rules, level, span), cap_of(rules, above, span)
            if own is None or (other is not None and own > other):
                return UnsafeCap(span, level, above)
    return None


def cap_of(rules: Mapping[str, Any], level: str, span: str) -> int | None:
    """What holds for a level: the lowest of its own cap and everybody's."""
    found = [
        int(cap["cents"])
        for cap in rules["caps"]
        if cap["span"] == span and cap["level"] in (level, EVERYBODY)
    ]
    return min(found, default=None)

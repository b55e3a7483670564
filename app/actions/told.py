"""What a deed tells beside its kind, quantity and time: a closed list, in the words of the rule
language (docs/adr/0031).

As kept, `other` and `trip` are references that name nobody: a keyed hash of what a partner calls
them, or the subject of a visit at a counter. Whom a reference means is in the deed's `other_id`,
where that is a person of ours. `start` and `end` are codes of a place by their kind.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

Told = Mapping[str, Any]
NOTHING: Told = {}

# Only of these is there anybody else; elsewhere a tariff by the seat would pay what nobody meant.
SHARED = frozenset({"carpool-trip", "carpool-trip-of-three", "carpool-trip-of-four"})
OF_SHARED = ("seats", "contribution_cents", "revenue_cents", "other", "other_adult", "trip")
PLACES = ("start", "end")
NUMBERS: Mapping[str, tuple[int, int]] = {
    "seats": (1, 8),
    "contribution_cents": (0, 100_000),
    "revenue_cents": (0, 100_000),
}
REFERENCES = ("other", "trip")
NAMES = (*NUMBERS, "proof_class", *PLACES, *REFERENCES)
PROOF_CLASS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")
KIND = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
MOST_CODES = 10  # kinds of code of one place


def asked(told: Told, fields: Collection[str], kinds: Collection[str]) -> dict[str, Any]:
    """What of it rules look at: `fields` of an action, `kinds` of codes."""
    found = {name: value for name, value in told.items() if _field(name, fields)}
    for end in PLACES:
        if end in found:
            found[end] = {kind: code for kind, code in found[end].items() if kind in kinds}
    return {name: value for name, value in found.items() if value != {}}


def plain(told: Told) -> dict[str, Any]:
    """As its owner sees it: of others and of a shared car only that there was one."""
    return {name: True if name in REFERENCES else value for name, value in told.items()}


def asks_other(fields: Collection[str]) -> bool:
    """Whether rules look at who else was there."""
    return "other" in fields or "other_adult" in fields


def _field(name: str, fields: Collection[str]) -> bool:
    return asks_other(fields) if name == "other" else name in fields

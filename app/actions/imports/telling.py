"""What a row tells of a shared car and of its ends: pure checks, each with its stable code.

References are still the partner's own names here; intake makes hashes of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from app.actions import told
from app.actions.imports.options import TOLD_COLUMNS
from app.actions.imports.rows import WIDTH

MAX_REF = 200
_WHOLE = re.compile(r"[0-9]{1,6}")
_CODES = {
    "seats": "seats-wrong",
    "contribution_cents": "contribution-wrong",
    "revenue_cents": "revenue-wrong",
}


def read_told(values: Sequence[str], action_type: str, rider_ref: str) -> dict[str, Any] | str:
    """By the names of app.actions.told, or the code of the first thing wrong."""
    pairs = zip(TOLD_COLUMNS, values[WIDTH:], strict=True)
    said = {name: text.strip() for name, text in pairs if text.strip()}
    found: dict[str, Any] = {}
    for read in (_numbers, _proof_class, _zones):
        wrong = read(said, found)
        if wrong:
            return wrong
    return _references(said, found, rider_ref) or _check_kind(found, action_type) or found


def _numbers(said: dict[str, str], found: dict[str, Any]) -> str | None:
    for name, (low, high) in told.NUMBERS.items():
        text = said.get(name)
        if text is None:
            continue
        if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
            return _CODES[name]
        found[name] = int(text)
    return None


def _proof_class(said: dict[str, str], found: dict[str, Any]) -> str | None:
    text = said.get("proof_class")
    if text is None:
        return None
    if not told.PROOF_CLASS.fullmatch(text):
        return "proof-class-wrong"
    found["proof_class"] = text
    return None


def _zones(said: dict[str, str], found: dict[str, Any]) -> str | None:
    """`com=34172 epci=243400017`: each kind of code once."""
    for end in told.PLACES:
        parts = [part.partition("=") for part in said.get(f"{end}_zones", "").split()]
        codes = {kind: code for kind, _, code in parts}
        fits = all(told.KIND.fullmatch(k) and told.CODE.fullmatch(c) for k, c in codes.items())
        if not fits or len(codes) != len(parts) or len(parts) > told.MOST_CODES:
            return "zones-wrong"
        if codes:
            found[end] = codes
    return None


def _references(said: dict[str, str], found: dict[str, Any], rider_ref: str) -> str | None:
    other, trip = said.get("other_rider_ref", ""), said.get("shared_trip_id", "")
    if other and (len(other) > MAX_REF or other == rider_ref):
        return "other-rider-wrong"
    if len(trip) > MAX_REF:
        return "shared-trip-wrong"
    found |= {name: text for name, text in (("other", other), ("trip", trip)) if text}
    return None


def _check_kind(found: dict[str, Any], action_type: str) -> str | None:
    if action_type in told.SHARED or found.keys().isdisjoint(told.OF_SHARED):
        return None
    return "not-a-shared-trip"

"""A row of a history as an action: the columns of docs/rules.md, or a journey of a campaign."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from app.rewards.campaigns import journeys
from app.rewards.campaigns.faults import CampaignError
from app.rewards.campaigns.places import point
from app.rewards.campaigns.reading import any_mapping, code, flag, instant, mapping, text, whole
from app.rewards.language.action import Action

Row = dict[str, Any]
WHOLE = ("distance_m", "quantity", "seats", "contribution_cents", "revenue_cents")
FLAGS = ("citizen_adult", "other_adult", "first_time")
TEXTS = (
    "citizen", "other", "action_type", "unit", "partner", "attester", "trip", "proof_level",
    "proof_class", "identity_level",
)  # fmt: skip
INSTANTS = ("at", "recorded_at")
PLACES, POINTS = ("start", "end"), ("start_lonlat", "end_lonlat")
COLUMNS = (*INSTANTS, *TEXTS, *WHOLE, *FLAGS, *PLACES, *POINTS)
# What a campaign's journey calls these things: a row that says one of them is such a journey.
JOURNEY = {
    "driver", "passenger", "operator", "operator_id", "class", "passenger_adult",
    "driver_revenue_cents", "passenger_contribution_cents",
}  # fmt: skip
_CSV_WHOLE = {*WHOLE, "driver_revenue_cents", "passenger_contribution_cents"}
_CSV_FLAGS = {*FLAGS, "passenger_adult"}
_NUMBER = re.compile(r"-?[0-9]{1,15}")


def action(row: object, path: str) -> Action:
    """An action of a JSON object. Raises CampaignError, with the place in the file."""
    said = any_mapping(row, path)
    if JOURNEY & said.keys():
        return journeys.action(said, path)
    mapping(said, path, required=("at",), optional=COLUMNS[1:])
    known = {name: value for name, value in said.items() if value is not None}
    if "at" not in known:
        raise CampaignError(f"{path}.at", "empty_time")
    return Action(**{name: _READERS[name](known[name], f"{path}.{name}") for name in known})


def of_columns(cells: Mapping[str, str], path: str) -> Row:
    """A row of a table as the JSON object that it stands for; an empty cell is unknown."""
    found: Row = {}
    for name, cell in cells.items():
        if not (said := cell.strip()):
            continue
        where = f"{path}.{name}"
        place, dot, kind = name.partition(".")
        if dot and place in PLACES and kind:
            found.setdefault(place, {})[kind] = said
        else:
            found[name] = _typed(name, said, where)
    return found


def _typed(name: str, said: str, path: str) -> Any:
    if name in _CSV_WHOLE:
        if not _NUMBER.fullmatch(said):
            raise CampaignError(path, "said", wanted="whole", said=repr(said[:40]))
        return int(said)
    if name in _CSV_FLAGS:
        if said not in ("true", "false"):
            raise CampaignError(path, "said", wanted="flag", said=repr(said[:40]))
        return said == "true"
    if name in POINTS:
        return [_degrees(part, path) for part in said.split()]
    return said


def _degrees(said: str, path: str) -> Decimal:
    try:
        return Decimal(said)
    except InvalidOperation as error:
        raise CampaignError(path, "said", wanted="cell", said=repr(said[:40])) from error


def _codes(value: object, path: str) -> dict[str, str]:
    said = any_mapping(value, path)
    return {kind: code(said[kind], f"{path}.{kind}") for kind in said if said[kind] is not None}


def _money(value: object, path: str) -> int:
    return whole(value, path)


def _count(value: object, path: str) -> int:
    return whole(value, path, 0)


_READERS: dict[str, Callable[[object, str], Any]] = {
    **dict.fromkeys(INSTANTS, instant),
    **dict.fromkeys(TEXTS, text),
    **dict.fromkeys(("distance_m", "quantity", "seats"), _count),
    **dict.fromkeys(("contribution_cents", "revenue_cents"), _money),
    **dict.fromkeys(FLAGS, flag),
    **dict.fromkeys(PLACES, _codes),
    **dict.fromkeys(POINTS, point),
}

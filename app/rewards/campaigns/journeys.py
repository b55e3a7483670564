"""Journeys of the facts as actions, and settings as the data kept outside the rules."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from app.rewards.campaigns.faults import CampaignError
from app.rewards.campaigns.limits import BUDGET
from app.rewards.campaigns.places import AREA, Places, point
from app.rewards.campaigns.predicates import BOOSTER_DAYS
from app.rewards.campaigns.reading import (
    EXACT_MOST,
    any_mapping,
    code,
    day,
    entries,
    flag,
    instant,
    label,
    mapping,
    whole,
    whole_or_none,
)
from app.rewards.language.action import Action, Codes, Outside, Point

_FIELDS = ("at", "distance_m", "seats", "operator", "operator_id", "trip", "class", "driver",
           "passenger", "passenger_adult", "driver_revenue_cents", "passenger_contribution_cents",
           "start", "end", "start_lonlat", "end_lonlat")  # fmt: skip


def action(said: dict[str, Any], path: str) -> Action:
    """A journey over its defaults. Raises CampaignError."""
    journey = mapping(said, path, required=("at", "distance_m"), optional=_FIELDS)
    adult = journey.get("passenger_adult")
    return Action(
        at=instant(journey["at"], f"{path}.at"),
        citizen=_name(journey, "driver", path),
        other=_name(journey, "passenger", path),
        distance_m=whole(journey["distance_m"], f"{path}.distance_m", 0),
        seats=whole_or_none(journey.get("seats"), f"{path}.seats", 0),
        partner=_name(journey, "operator", path),
        trip=_trip(journey, path),
        proof_class=_name(journey, "class", path),
        other_adult=None if adult is None else flag(adult, f"{path}.passenger_adult"),
        contribution_cents=_cents(journey, "passenger_contribution_cents", path),
        revenue_cents=_cents(journey, "driver_revenue_cents", path),
        start=_codes(journey, "start", path),
        end=_codes(journey, "end", path),
        start_lonlat=_point(journey, "start_lonlat", path),
        end_lonlat=_point(journey, "end_lonlat", path),
    )


def outside(said: dict[str, Any], path: str, places: Places, calendars: Collection[str]) -> Outside:
    """What settings give to the rules, which name the calendars. Raises CampaignError."""
    named = {BOOSTER_DAYS: None, **dict.fromkeys(calendars)}
    settings = mapping(said, path, optional=(BUDGET, AREA, *named))
    budget = whole_or_none(settings.get(BUDGET), f"{path}.{BUDGET}", 0, EXACT_MOST)
    zones = {}
    if settings.get(AREA) is not None:
        zones[AREA] = {"codes": _area(settings[AREA], f"{path}.{AREA}", places)}
    return Outside(
        calendars={
            name: [day(item, at) for item, at in entries(settings.get(name), f"{path}.{name}")]
            for name in named
        },
        zones=zones,
        numbers={} if budget is None else {BUDGET: budget},
    )


def _area(said: object, path: str, places: Places) -> dict[str, list[str]]:
    if said == AREA:
        raise CampaignError(path, "names_itself")
    if isinstance(said, str):
        return places.named(said, path)
    return places.codes(said, path)


def _name(journey: dict[str, Any], name: str, path: str) -> str | None:
    value = journey.get(name)
    return None if value is None else label(value, f"{path}.{name}")


def _trip(journey: dict[str, Any], path: str) -> str | None:
    """A car's trip: the platform and the number it gave."""
    if journey.get("trip") in (None, ""):
        return None
    platform = journey.get("operator_id")
    if platform is None:
        platform = journey.get("operator") or ""
    else:
        platform = code(platform, f"{path}.operator_id")
    return f"{platform}.{code(journey['trip'], f'{path}.trip')}"


def _cents(journey: dict[str, Any], name: str, path: str) -> int | None:
    return whole_or_none(journey.get(name), f"{path}.{name}")


def _codes(journey: dict[str, Any], name: str, path: str) -> Codes:
    if journey.get(name) is None:
        return {}
    where = f"{path}.{name}"
    return {
        kind: code(value, f"{where}.{kind}")
        for kind, value in any_mapping(journey[name], where).items()
        if value is not None
    }


def _point(journey: dict[str, Any], name: str, path: str) -> Point | None:
    return None if journey.get(name) is None else point(journey[name], f"{path}.{name}")

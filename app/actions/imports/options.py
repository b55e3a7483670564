"""How a partner's file is to be read: which zone its local times are in, and its units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

COLUMNS = (
    "trip_id",
    "city",
    "started_at",
    "ended_at",
    "duration_s",
    "start_station",
    "start_name",
    "start_lat",
    "start_lon",
    "end_station",
    "end_name",
    "end_lat",
    "end_lon",
    "bike_id",
    "member",
)
EXTRA_COLUMNS = ("rider_ref", "proof")
# What a deed tells (app.actions.told); a row that tells nothing is signed without them.
TOLD_COLUMNS = (
    "seats",
    "contribution_cents",
    "revenue_cents",
    "proof_class",
    "start_zones",
    "end_zones",
    "other_rider_ref",
    "shared_trip_id",
)
REQUIRED = frozenset(
    ("trip_id", "started_at", "ended_at", "start_lat", "start_lon", "end_lat", "end_lon")
)


class BadOptionsError(ValueError):
    """An option that cannot be used; the message names it."""


@dataclass(frozen=True)
class Options:
    """`zone` holds for every row, unless `zone_column`'s value is a key of `zones`.

    Rows whose `zone_column` value is in `milliseconds_for` state durations in milliseconds.
    """

    zone: ZoneInfo
    action_type_id: str = "bike-trip"
    zone_column: str | None = None
    zones: Mapping[str, ZoneInfo] = field(default_factory=dict)
    milliseconds_for: frozenset[str] = frozenset()

    @classmethod
    def from_json(cls, value: Mapping[str, Any], *, default_zone: str) -> Options:
        """Raises BadOptionsError naming the option."""
        column = value.get("time_zone_column")
        if column is not None and column not in COLUMNS:
            raise BadOptionsError("time_zone_column")
        zones = {str(k): _zone(v) for k, v in dict(value.get("time_zones") or {}).items()}
        return cls(
            zone=_zone(value.get("time_zone") or default_zone),
            action_type_id=str(value.get("action_type") or cls.action_type_id),
            zone_column=column,
            zones=zones,
            milliseconds_for=frozenset(value.get("duration_in_milliseconds_for") or ()),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "time_zone": self.zone.key,
            "action_type": self.action_type_id,
            "time_zone_column": self.zone_column,
            "time_zones": {k: v.key for k, v in self.zones.items()},
            "duration_in_milliseconds_for": sorted(self.milliseconds_for),
        }


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadOptionsError(f"time zone {name!r}") from error

"""Zones and shapes of the facts, as named zones of a rule set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.rewards.campaigns.faults import CampaignError, kind_of
from app.rewards.campaigns.reading import any_mapping, code, decimal, entries, text

AREA = "area"
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Places:
    """Collects the zones that the rules use, each once."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        self._zones = any_mapping(rules.get("zones") or {}, "$.rules.zones")
        self._shapes = any_mapping(rules.get("shapes") or {}, "$.rules.shapes")
        self.used: dict[str, dict[str, Any]] = {}
        self.asks_area = False
        for name in self._zones:
            self.named(name, f"$.rules.zones.{name}")
        for name in self._shapes:
            _rings(self._shapes[name], f"$.rules.shapes.{name}")

    def zone(self, said: object, path: str) -> str:
        """The name under which the rule set knows a zone."""
        if said == AREA:
            self.asks_area = True
            return AREA
        if isinstance(said, str):
            return self._add({"codes": self.named(said, path)}, said)
        return self._add({"codes": self.codes(said, path)}, self._only_name(said))

    def codes(self, said: object, path: str) -> dict[str, list[str]]:
        """{kind of code: codes}, with names of `rules.zones` looked up."""
        found: dict[str, list[str]] = {}
        for kind, value in any_mapping(said, path).items():
            where = f"{path}.{kind}"
            _check_kind(kind, where)
            if isinstance(value, str):
                found[kind] = self._list(value, kind, where)
            else:
                found[kind] = [code(item, at) for item, at in entries(_listed(value, where), where)]
        return found

    def shape(self, said: object, path: str) -> str:
        """The name of a polygon: of `rules.shapes`, or given in place."""
        if not isinstance(said, str):
            return self._add({"polygon": _rings(said, path)}, None)
        if said not in self._shapes:
            raise CampaignError(path, "no_shape", name=said)
        return self._add({"polygon": _rings(self._shapes[said], f"$.rules.shapes.{said}")}, said)

    def _list(self, name: str, kind: str, path: str) -> list[str]:
        if name not in self._zones:
            raise CampaignError(path, "no_zone", name=name)
        value = self._zones[name]
        if isinstance(value, dict):
            return self.codes(value, f"$.rules.zones.{name}").get(kind, [])
        where = f"$.rules.zones.{name}"
        return [code(item, at) for item, at in entries(_listed(value, where), where)]

    def named(self, name: str, path: str) -> dict[str, list[str]]:
        """A zone of `rules.zones` that says its kinds itself."""
        if name not in self._zones:
            raise CampaignError(path, "no_zone", name=name)
        where = f"$.rules.zones.{name}"
        if isinstance(self._zones[name], dict):
            return self.codes(self._zones[name], where)
        if path != where:
            raise CampaignError(path, "kind_not_said", name=name)
        self._list(name, "", where)
        return {}

    def _only_name(self, said: object) -> str | None:
        if not isinstance(said, dict) or len(said) != 1:
            return None
        (value,) = said.values()
        return value if isinstance(value, str) else None

    def _add(self, zone: dict[str, Any], wanted: str | None) -> str:
        for name, known in self.used.items():
            if known == zone:
                return name
        name = wanted if wanted and ID.fullmatch(wanted) and wanted != AREA else "zone"
        free, count = name if name != "zone" else "zone-1", 1
        while free in self.used:
            count += 1
            free = f"{name}-{count}"
        self.used[free] = zone
        return free


def point(value: object, path: str) -> tuple[float, float]:
    """Longitude and latitude."""
    numbers = list(entries(_listed(value, path), path))
    if len(numbers) != 2:
        raise CampaignError(path, "wanted", wanted="point", found=kind_of(value))
    found = tuple(_degrees(number, where) for number, where in numbers)
    return found[0], found[1]


def _degrees(value: object, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise CampaignError(path, "wanted", wanted="degrees", found=kind_of(value))
    if not (Decimal(value).is_finite() and -360 <= value <= 360):
        raise CampaignError(path, "between", least=-360, most=360)
    return float(value)


def _rings(value: object, path: str) -> list[list[list[int | str]]]:
    """One ring, or a list of rings."""
    items = list(entries(_listed(value, path), path))
    nested = items and isinstance(items[0][0], list) and items[0][0]
    if nested and isinstance(items[0][0][0], list):
        return [_ring(ring, where) for ring, where in items]
    return [_ring(value, path)]


def _ring(value: object, path: str) -> list[list[int | str]]:
    ring = []
    for corner, where in entries(_listed(value, path), path):
        point(corner, where)
        ring.append([decimal(_cut(number), where) for number in corner])
    if len(ring) < 3:
        raise CampaignError(path, "corners")
    return ring


def _cut(number: int | Decimal) -> int | Decimal:
    """At most 15 digits after the point: a tenth of a nanometre of longitude."""
    return number if isinstance(number, int) else round(number, 15)


def _check_kind(kind: str, path: str) -> None:
    if not ID.fullmatch(text(kind, path)):
        raise CampaignError(path, "no_kind")


def _listed(value: object, path: str) -> object:
    if not isinstance(value, list):
        raise CampaignError(path, "wanted", wanted="list", found=kind_of(value))
    return value

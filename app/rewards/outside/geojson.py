"""GeoJSON (RFC 7946) as the language's rings: a Polygon, a MultiPolygon, or features of those.

Every ring counts by the even-odd rule, so parts of one zone must not overlap each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from app.rewards.language.faults import Fault

TYPES = ("Polygon", "MultiPolygon", "Feature", "FeatureCollection", "GeometryCollection")
Ring = list[list[str]]
_DIGITS = Decimal(10) ** -15


class _BadPlaceError(ValueError):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.path)


def is_geojson(said: Mapping[str, Any]) -> bool:
    return "type" in said


def rings_of(said: Mapping[str, Any], path: str) -> tuple[list[Ring], Fault | None]:
    """All rings, or the first fault."""
    try:
        return list(_rings(said, path)), None
    except _BadPlaceError as error:
        return [], error.fault


def _rings(said: object, path: str) -> Iterator[Ring]:
    if not isinstance(said, Mapping):
        raise _BadPlaceError(Fault(path, "wrong_form", {"example": '{"type": "Polygon", …}'}))
    kind = said.get("type")
    if kind == "FeatureCollection":
        yield from _each(said, path, "features")
    elif kind == "GeometryCollection":
        yield from _each(said, path, "geometries")
    elif kind == "Feature":
        yield from _rings(said.get("geometry"), f"{path}.geometry")
    elif kind in ("Polygon", "MultiPolygon"):
        yield from _polygons(said, kind, f"{path}.coordinates")
    else:
        raise _BadPlaceError(Fault(f"{path}.type", "not_one_of", {"known": TYPES}))


def _each(said: Mapping[str, Any], path: str, name: str) -> Iterator[Ring]:
    for index, one in enumerate(_list(said.get(name), f"{path}.{name}")):
        yield from _rings(one, f"{path}.{name}[{index}]")


def _polygons(said: Mapping[str, Any], kind: str, path: str) -> Iterator[Ring]:
    coordinates = _list(said.get("coordinates"), path)
    if kind == "Polygon":
        yield from _polygon(coordinates, path)
        return
    for index, polygon in enumerate(coordinates):
        where = f"{path}[{index}]"
        yield from _polygon(_list(polygon, where), where)


def _polygon(rings: list[Any], path: str) -> Iterator[Ring]:
    for index, ring in enumerate(rings):
        where = f"{path}[{index}]"
        points = [
            _point(point, f"{where}[{number}]") for number, point in enumerate(_list(ring, where))
        ]
        if len(points) < 4 or points[0] != points[-1]:
            raise _BadPlaceError(Fault(where, "not_closed"))
        yield points[:-1]  # ours close by themselves


def _point(said: object, path: str) -> list[str]:
    """Longitude and latitude; a height says nothing here."""
    axes = _list(said, path)
    if len(axes) not in (2, 3):
        raise _BadPlaceError(Fault(path, "wrong_count", {"least": 2, "most": 3}))
    return [_decimal(axis, f"{path}[{number}]") for number, axis in enumerate(axes[:2])]


def _decimal(said: object, path: str) -> str:
    """As it is written in the file: the shortest text that stands for the number."""
    if isinstance(said, bool) or not isinstance(said, int | float | Decimal):
        raise _BadPlaceError(Fault(path, "wrong_form", {"example": "2.3522"}))
    number = Decimal(repr(said)) if isinstance(said, float) else Decimal(said)
    if not number.is_finite() or abs(number) > 180:
        raise _BadPlaceError(Fault(path, "out_of_range", {"least": -180, "most": 180}))
    text = f"{number.quantize(_DIGITS):f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _list(said: object, path: str) -> list[Any]:
    if not isinstance(said, list):
        raise _BadPlaceError(Fault(path, "wrong_form", {"example": "[…]"}))
    return said

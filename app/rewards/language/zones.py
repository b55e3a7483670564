"""Where a place lies: by its codes on a day, or by a polygon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from app.rewards.language.action import Codes, Point

Span = tuple[int, int]
Ring = tuple[Point, ...]
_EVER = (0, date.max.toordinal())
_NEAR = 1e-12  # degrees, and more by an edge's slope: farther than floats can be wrong


class Zone:
    """A compiled zone. `plain` holds kinds whose codes have no dates."""

    __slots__ = ("dated", "plain", "rings")

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.plain: dict[str, frozenset[str]] = {}
        self.dated: dict[str, dict[str, tuple[Span, ...]]] = {}
        for kind, codes in data.get("codes", {}).items():
            spans = _spans(codes)
            if all(found == (_EVER,) for found in spans.values()):
                self.plain[kind] = frozenset(spans)
            else:
                self.dated[kind] = spans
        self.rings: tuple[Ring, ...] = tuple(
            tuple((float(point[0]), float(point[1])) for point in ring)
            for ring in data.get("polygon", ())
        )


def listed(spans: Mapping[str, Sequence[Span]], code: str | None, day: int) -> bool:
    """Whether a dated code was valid on a day (its ordinal)."""
    return code is not None and any(a <= day <= b for a, b in spans.get(code, ()))


def inside(rings: Sequence[Ring], point: Point | None) -> bool:
    """Even-odd over all rings. A point on a western or southern edge is inside, on an eastern
    or northern one it isn't, so that of two zones that share an edge just one holds it. Near an
    edge it is reckoned with what the decimals say, exactly."""
    if point is None:
        return False
    x, y = point
    odd = False
    for ring in rings:
        x1, y1 = ring[-1]
        for x2, y2 in ring:
            if (y1 > y) != (y2 > y):
                slope = (x2 - x1) / (y2 - y1)
                east, near = slope * (y - y1) + x1 - x, _NEAR * (1 + abs(slope))
                if east > near or (east > -near and _is_west(x1, y1, x2, y2, x, y)):
                    odd = not odd
            x1, y1 = x2, y2
    return odd


def _is_west(*places: float) -> bool:
    """Whether a point lies west of the edge that crosses its latitude: `x1, y1, x2, y2, x, y`. The
    shortest decimal that stands for a float is the one that was written."""
    x1, y1, x2, y2, x, y = (Fraction(repr(place)) for place in places)
    return x < (x2 - x1) * (y - y1) / (y2 - y1) + x1


def known(zone: Zone, codes: Codes, point: Point | None) -> bool:
    """Whether enough is known of a place to say if it lies in the zone."""
    by_codes = bool(zone.plain or zone.dated) and bool(codes)
    return by_codes or (bool(zone.rings) and point is not None)


def _spans(codes: Sequence[str | Mapping[str, Any]]) -> dict[str, tuple[Span, ...]]:
    found: dict[str, list[Span]] = {}
    for entry in codes:
        code, span = (entry, _EVER) if isinstance(entry, str) else (entry["code"], _span(entry))
        found.setdefault(code, []).append(span)
    return {code: (_EVER,) if _EVER in spans else tuple(spans) for code, spans in found.items()}


def _span(entry: Mapping[str, Any]) -> Span:
    first = date.fromisoformat(entry["from"]).toordinal() if "from" in entry else _EVER[0]
    last = date.fromisoformat(entry["to"]).toordinal() if "to" in entry else _EVER[1]
    return first, last

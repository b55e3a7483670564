"""A document of outside data: checked, in its canonical form, hashed. Pure.

`{"kind", "name", "source", "licence", "data"}`, with `data` by kind: `{"days": […]}`, each a date
or `{"day", "fr", "en"}`; a zone as rule sets hold it, or GeoJSON; `{"value": n}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from app.impact.canonical import hash_json
from app.rewards.language.action import Outside
from app.rewards.language.faults import Fault
from app.rewards.language.form import canonical, form_faults_of, kind_of
from app.rewards.language.meaning import zone_faults
from app.rewards.outside.geojson import is_geojson, rings_of
from app.rewards.outside.models import OutsideKind

MEMBERS = ("kind", "name", "source", "licence", "data")
KINDS = [kind.value for kind in OutsideKind]
LENGTHS = {"source": (10, 500), "licence": (2, 200)}
MOST_DAYS, MOST_CODES, MOST_POINTS = 10_000, 50_000, 20_000
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9998, 12, 31)  # of calendars: all that deeds can have
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BOUNDS = (180, 90)


class InvalidDocumentError(ValueError):
    """A document that must not be used; `fault` says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.sentence("en"))
        self.fault = fault


@dataclass(frozen=True)
class Document:
    """One that may be published; `data` is canonical."""

    kind: OutsideKind
    name: str
    source: str
    licence: str
    data: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "name": self.name,
            "source": self.source,
            "licence": self.licence,
            "data": self.data,
        }

    @property
    def hash(self) -> bytes:
        """keccak256 of the canonical JSON (RFC 8785) of the document."""
        return hash_json(self.to_json())


def document(said: object) -> Document:
    """Raises InvalidDocumentError, of the first fault."""
    for fault in _outer(said):
        raise InvalidDocumentError(fault)
    found = _mapping(said, "$")
    kind = OutsideKind(found["kind"])
    data = _DATA[kind](_mapping(found["data"], "$.data"))
    texts = {name: found[name].strip() for name in LENGTHS}
    return Document(kind=kind, name=found["name"], data=data, **texts)


def outside(found: Mapping[tuple[str, str], Mapping[str, Any]]) -> Outside:
    """What compiling takes, of canonical data by kind and name."""
    by: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    for (kind, name), data in found.items():
        by[kind][name] = data
    return Outside(
        calendars={name: days(data) for name, data in by["calendar"].items()},
        zones=by["zone"],
        numbers={name: int(data["value"]) for name, data in by["number"].items()},
    )


def days(calendar: Mapping[str, Any]) -> list[date]:
    """Of canonical data."""
    listed = calendar["days"]
    return [date.fromisoformat(one if isinstance(one, str) else one["day"]) for one in listed]


def _outer(said: object) -> Iterator[Fault]:
    found = _mapping(said, "$")
    yield from _members(found, "$", MEMBERS)
    if found["kind"] not in KINDS:
        yield Fault("$.kind", "not_one_of", {"known": KINDS})
    yield from (
        Fault(f"$.name{one.path[1:]}", one.code, one.values)
        for one in form_faults_of(found["name"], "id")
    )
    for name, (least, most) in LENGTHS.items():
        text = found[name]
        if not isinstance(text, str):
            yield _type(f"$.{name}", "string", text)
        elif not least <= len(text.strip()) <= most or not text.isprintable():
            yield Fault(f"$.{name}", "wrong_length", {"least": least, "most": most})


def _calendar(data: Mapping[str, Any]) -> dict[str, Any]:
    _stop(_members(data, "$.data", ("days",)))
    listed, path = data["days"], "$.data.days"
    if not isinstance(listed, list):
        raise InvalidDocumentError(_type(path, "array", listed))
    if not 1 <= len(listed) <= MOST_DAYS:
        raise InvalidDocumentError(Fault(path, "wrong_count", {"least": 1, "most": MOST_DAYS}))
    by_day: dict[str, tuple[str, Any]] = {}
    for index, one in enumerate(listed):
        where = f"{path}[{index}]"
        day = _day_of(one, where)
        if day in by_day:
            raise InvalidDocumentError(Fault(where, "twice", {"other": by_day[day][0]}))
        by_day[day] = (where, one)
    return {"days": [by_day[day][1] for day in sorted(by_day)]}


def _day_of(one: object, path: str) -> str:
    """A date by itself, or with what it is called in both languages."""
    if isinstance(one, dict):
        _stop(_members(one, path, ("day", "fr", "en")))
        for language in ("fr", "en"):
            text = one[language]
            if not isinstance(text, str) or not 1 <= len(text) <= 100 or not text.isprintable():
                values = {"least": 1, "most": 100}
                raise InvalidDocumentError(Fault(f"{path}.{language}", "wrong_length", values))
        one, path = one["day"], f"{path}.day"
    if not isinstance(one, str):
        raise InvalidDocumentError(_type(path, "string", one))
    if not _DAY.fullmatch(one):
        raise InvalidDocumentError(Fault(path, "wrong_form", {"example": "2031-05-01"}))
    try:
        day = date.fromisoformat(one)
    except ValueError as error:
        raise InvalidDocumentError(Fault(path, "no_date", {"text": one})) from error
    if not FIRST_DAY <= day <= LAST_DAY:
        bounds = {"least": FIRST_DAY.isoformat(), "most": LAST_DAY.isoformat()}
        raise InvalidDocumentError(Fault(path, "out_of_range", bounds))
    return one


def _zone(data: Mapping[str, Any]) -> dict[str, Any]:
    if is_geojson(data):
        rings, fault = rings_of(data, "$.data")
        _stop([fault] if fault else [])
        data = {"polygon": rings}
    _stop(Fault(f"$.data{one.path[1:]}", one.code, one.values)
          for one in form_faults_of(dict(data), "zone"))  # fmt: skip
    _stop(zone_faults(data, "$.data"))
    _stop(_places(data))
    found: dict[str, Any] = canonical({"zones": {"one": dict(data)}})["zones"]["one"]
    return found


def _places(data: Mapping[str, Any]) -> Iterator[Fault]:
    """A zone is somewhere, on the globe, and no larger than can be looked at for every deed."""
    codes = sum(map(len, data.get("codes", {}).values()))
    rings = data.get("polygon", [])
    if not codes and not rings:
        yield Fault("$.data.codes", "missing")
    for name, count, most in (
        ("codes", codes, MOST_CODES),
        ("polygon", sum(map(len, rings)), MOST_POINTS),
    ):
        if count > most:
            yield Fault(f"$.data.{name}", "wrong_count", {"least": 1, "most": most})
    for index, ring in enumerate(rings):
        yield from _ring(ring, f"$.data.polygon[{index}]")


def _ring(ring: Sequence[Sequence[Any]], path: str) -> Iterator[Fault]:
    for number, point in enumerate(ring):
        for axis, bound in enumerate(_BOUNDS):
            if abs(float(point[axis])) > bound:
                where = f"{path}[{number}][{axis}]"
                yield Fault(where, "out_of_range", {"least": -bound, "most": bound})
    if _on_a_line([(Fraction(x), Fraction(y)) for x, y in ring]):
        yield Fault(path, "no_area")


def _on_a_line(points: list[tuple[Fraction, Fraction]]) -> bool:
    x, y = points[0]
    dx, dy = next(((a - x, b - y) for a, b in points if (a, b) != (x, y)), (Fraction(), Fraction()))
    return all(dx * (b - y) == dy * (a - x) for a, b in points)


def _number(data: Mapping[str, Any]) -> dict[str, Any]:
    _stop(_members(data, "$.data", ("value",)))
    _stop(
        Fault(f"$.data.value{one.path[1:]}", one.code, one.values)
        for one in form_faults_of(data["value"], "natural")
    )
    return {"value": data["value"]}


_DATA: Mapping[OutsideKind, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    OutsideKind.CALENDAR: _calendar,
    OutsideKind.ZONE: _zone,
    OutsideKind.NUMBER: _number,
}


def _members(said: Mapping[str, Any], path: str, known: tuple[str, ...]) -> Iterator[Fault]:
    """An object with all of these and no others."""
    for name in said:
        if name not in known:
            yield Fault(f"{path}.{name}", "unknown", {"known": known})
    for name in known:
        if name not in said:
            yield Fault(f"{path}.{name}", "missing")


def _mapping(said: object, path: str) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise InvalidDocumentError(_type(path, "object", said))
    return said


def _type(path: str, wanted: str, found: object) -> Fault:
    return Fault(path, "wrong_type", {"wanted": [wanted], "found": kind_of(found)})


def _stop(faults: Any) -> None:
    """Raises InvalidDocumentError of the first, if there is one."""
    for fault in faults:
        raise InvalidDocumentError(fault)

"""The form of a rule set, as schema.json says it: one description for files, API and forms.

This reads just those keywords of JSON Schema that the file uses (a test holds it), and says for
each fault where it is. A whole number is an int and no bool; fractions are texts, never floats.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from app.rewards.language.exact import fraction, written
from app.rewards.language.faults import Fault

Schema = Mapping[str, Any]
DEPTH = 32  # of predicates in each other
KEYWORDS = frozenset({
    "$schema", "$defs", "$ref", "title", "description", "type", "properties", "required",
    "additionalProperties", "propertyNames", "items", "minItems", "maxItems", "minProperties",
    "maxProperties", "enum", "const", "pattern", "minimum", "maximum", "minLength", "maxLength",
})  # fmt: skip
_EXAMPLES = {
    "id": "night-trips",
    "date": "2024-03-31",
    "instant": "2024-03-31T22:00:00Z",
    "clock": "07:30",
    "decimal": "12.5",
    "time_zone": "Europe/Paris",
}


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of rule sets."""
    text = resources.files("app.rewards.language").joinpath("schema.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def form_faults(rules: object) -> list[Fault]:
    """Everything that isn't as the schema says."""
    return list(_faults(rules, schema(), "$", "", 0))


def form_faults_of(value: object, definition: str) -> list[Fault]:
    """The same of a part, by the name of its definition."""
    return list(_faults(value, {"$ref": f"#/$defs/{definition}"}, "$", "", 0))


def canonical(rules: Mapping[str, Any]) -> dict[str, Any]:
    """One way to write a rule set that fits the schema: decimals short, lists by their order,
    members as the schema has them."""
    found: dict[str, Any] = _canonical(rules, schema())
    return found


def _resolved(said: Schema) -> tuple[Schema, str]:
    """A schema and the name of its definition."""
    if "$ref" not in said:
        return said, ""
    name = said["$ref"].rpartition("/")[2]
    return schema()["$defs"][name], name


def _faults(value: object, said: Schema, path: str, name: str, depth: int) -> Iterator[Fault]:
    resolved, definition = _resolved(said)
    name, depth = definition or name, depth + (definition == "predicate")
    if depth > DEPTH:
        yield Fault(path, "too_deep", {"most": DEPTH})
        return
    if "const" in resolved or "enum" in resolved:
        allowed = resolved.get("enum") or [resolved["const"]]
        if not any(type(value) is type(one) and value == one for one in allowed):
            yield Fault(path, "not_one_of", {"known": allowed})
        return
    wanted = resolved["type"]
    kinds = [wanted] if isinstance(wanted, str) else list(wanted)
    kind = kind_of(value)
    if kind not in kinds:
        yield Fault(path, "wrong_type", {"wanted": kinds, "found": kind})
        return
    if kind in _READERS:
        yield from _READERS[kind](value, resolved, path, name, depth)


def kind_of(value: object) -> str:
    """The JSON kind; a float is a number, a bool is no integer."""
    kinds = {bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}
    return "null" if value is None else kinds.get(type(value), "number")


def _integer(value: int, said: Schema, path: str, _: str, __: int) -> Iterator[Fault]:
    least, most = said.get("minimum", -(2**53)), said.get("maximum", 2**53)
    if not least <= value <= most:
        yield Fault(path, "out_of_range", {"least": least, "most": most})


def _string(value: str, said: Schema, path: str, name: str, _: int) -> Iterator[Fault]:
    least, most = said.get("minLength", 0), said.get("maxLength", 10**4)
    if not least <= len(value) <= most:
        yield Fault(path, "wrong_count", {"least": least, "most": most})
    elif "pattern" in said and not re.fullmatch(said["pattern"].strip("^$"), value):
        yield Fault(path, "wrong_form", {"example": _EXAMPLES.get(name, said["pattern"])})
    elif any("\ud800" <= sign <= "\udfff" for sign in value):
        yield Fault(path, "not_json", {"why": "half a sign (surrogate)"})


def _array(value: list[Any], said: Schema, path: str, _: str, depth: int) -> Iterator[Fault]:
    least, most = said.get("minItems", 0), said.get("maxItems", 10**5)
    if not least <= len(value) <= most:
        yield Fault(path, "wrong_count", {"least": least, "most": most})
    for index, item in enumerate(value):
        yield from _faults(item, said["items"], f"{path}[{index}]", "", depth)


def _object(value: dict[str, Any], said: Schema, path: str, _: str, depth: int) -> Iterator[Fault]:
    properties, others = said.get("properties", {}), said.get("additionalProperties", False)
    for member in said.get("required", ()):
        if member not in value:
            yield Fault(f"{path}.{member}", "missing")
    for member, item in value.items():
        if member in properties:
            yield from _faults(item, properties[member], f"{path}.{member}", "", depth)
        elif others is False:
            yield Fault(f"{path}.{member}", "unknown", {"known": list(properties)})
        else:
            yield from _faults(member, said["propertyNames"], f"{path}.{member}", "", depth)
            yield from _faults(item, others, f"{path}.{member}", "", depth)
    yield from _size(value, said, path)


def _size(value: dict[str, Any], said: Schema, path: str) -> Iterator[Fault]:
    least, most = said.get("minProperties", 0), said.get("maxProperties", 10**5)
    known = list(said.get("properties", {}))
    if not least <= len(value) <= most:
        if most == 1:
            yield Fault(path, "either_or", {"known": known})
        else:
            yield Fault(path, "wrong_count", {"least": least, "most": len(known) or most})


_READERS: dict[str, Callable[..., Iterator[Fault]]] = {
    "integer": _integer,
    "string": _string,
    "array": _array,
    "object": _object,
}


def _canonical(value: Any, said: Schema) -> Any:
    resolved, name = _resolved(said)
    if name == "decimal":
        return written(fraction(value))
    if isinstance(value, list):
        items = [_canonical(item, resolved["items"]) for item in value]
        if items and all(isinstance(item, dict) and "order" in item for item in items):
            items.sort(key=lambda item: int(item["order"]))
        return items
    if not isinstance(value, dict):
        return value
    properties = resolved.get("properties", {})
    places = {member: place for place, member in enumerate(properties)}
    return {
        member: _canonical(
            value[member], properties.get(member) or resolved["additionalProperties"]
        )
        for member in sorted(value, key=lambda member: places.get(member, 0))
    }

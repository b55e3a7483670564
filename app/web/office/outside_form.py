"""Outside data as an officer types it: lines, or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from app.errors import Problem
from app.json_depth import check_depth
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l

LABELS = {
    "kind": _l("Kind"),
    "name": _l("Name in the rules"),
    "data": _l("What it says"),
    "source": _l("Source"),
    "licence": _l("Licence"),
}
_PLACE = re.compile(r"\$\.([a-z]+)(.*)")
_ITEM = re.compile(r"\.days\[([0-9]+)\]")
_NAMED = 3  # a day, and what it is called in French and in English


def data_of(kind: str, text: str) -> Any:
    """What `document` then checks. Raises ValueError where text that begins as JSON is none."""
    text = text.strip()
    if text[:1] in ("{", "["):
        check_depth(text)
        found = json.loads(text)
        return {"days": found} if kind == "calendar" and isinstance(found, list) else found
    return _LINES[kind](text) if kind in _LINES else None


def text_of(kind: str, data: Mapping[str, Any]) -> str:
    """Canonical data as lines, or as JSON where lines can't say it."""
    if kind == "calendar":
        return "\n".join(_day(one) for one in data["days"])
    if kind == "number":
        return str(data["value"])
    codes = data.get("codes", {})
    plain = all(isinstance(one, str) for listed in codes.values() for one in listed)
    if "polygon" in data or not plain:
        return json.dumps(data, ensure_ascii=False, indent=1)
    return "\n".join(f"{kind}: {', '.join(listed)}" for kind, listed in codes.items())


def in_words(problem: Problem, text: str) -> Problem:
    """The same with the form's field in place of the document's path, and its line where `text`,
    what was typed, has one for it."""
    found = _PLACE.fullmatch(problem.field or "")
    if problem.code != "outside-invalid" or found is None or found[1] not in LABELS:
        return problem
    label, rest = str(LABELS[found[1]]), found[2]
    day = _ITEM.match(rest)
    if day and text.strip()[:1] not in ("{", "["):
        numbers = [n for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        label = _("%(field)s, line %(line)s", field=label, line=numbers[int(day[1])])
    elif rest.strip(".") and text.strip()[:1] in ("{", "["):
        label = f"{label}, {rest.lstrip('.')}"
    return Problem(problem.code, field=found[1], **{**problem.values, "path": label})


def _day(one: Any) -> str:
    return one if isinstance(one, str) else " | ".join((one["day"], one["fr"], one["en"]))


def _days(text: str) -> dict[str, Any]:
    """A line for each day: `2031-05-01`, or `2031-05-01 | Fête du Travail | Labour Day`."""
    found: list[Any] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        parts = [part.strip() for part in line.split("|")]
        named = len(parts) == _NAMED
        found.append(dict(zip(("day", "fr", "en"), parts, strict=True)) if named else line)
    return {"days": found}


def _codes(text: str) -> dict[str, Any]:
    """A line for each kind of code: `district: Nord, Centre`."""
    codes: dict[str, list[str]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        kind, _, listed = line.partition(":")
        codes.setdefault(kind.strip(), []).extend(
            one.strip() for one in listed.split(",") if one.strip()
        )
    return {"codes": codes}


def _value(text: str) -> dict[str, Any]:
    return {"value": int(text) if re.fullmatch(r"[0-9]{1,16}", text) else text}


_LINES: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "calendar": _days,
    "zone": _codes,
    "number": _value,
}

"""A predicate of the rules as a Python expression: whether it can be undecided stands beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from app.rewards.language.source import Used, instant, ordinal

Predicate = Mapping[str, Any]
_SIGNS = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}
NUMBERS = ("quantity", "distance_m", "contribution_cents", "revenue_cents")


@dataclass(frozen=True, slots=True)
class Expression:
    """`open`: the value may be None, for undecided."""

    text: str
    open: bool = False


TRUE, FALSE = Expression("True"), Expression("False")


def expression(predicate: Predicate, used: Used) -> Expression:
    """Raises MissingOutsideError."""
    ((kind, said),) = predicate.items()
    return _KINDS[kind](said, used)


def truth(predicate: Predicate, unknown: str | None, used: Used) -> Expression:
    """A predicate in an entry that says what undecided means; open only where it says ask."""
    found = expression(predicate, used)
    if not found.open or unknown == "ask":
        return found
    return Expression(f"({found.text}) is {'not False' if unknown == 'pass' else 'True'}")


def both(parts: list[Expression]) -> Expression:
    return _joined(parts, "and", "all3", TRUE)


def either(parts: list[Expression]) -> Expression:
    return _joined(parts, "or", "any3", FALSE)


def negated(part: Expression) -> Expression:
    text = f"not3({part.text})" if part.open else f"(not {part.text})"
    return Expression(text, part.open)


def _joined(parts: list[Expression], word: str, helper: str, none: Expression) -> Expression:
    if len(parts) < 2:
        return parts[0] if parts else none
    if any(part.open for part in parts):
        return Expression(f"{helper}({', '.join(part.text for part in parts)})", open=True)
    return Expression("(" + f" {word} ".join(part.text for part in parts) + ")")


def settled(is_known: str, text: str, unknown: str | None) -> Expression:
    """An expression over something that may be unknown."""
    if unknown == "pass":
        return Expression(f"(not ({is_known}) or {text})")
    if unknown == "fail":
        return Expression(f"({is_known} and {text})")
    return Expression(f"({text} if {is_known} else None)", open=True)


def _named(field: str, *, may_lack: bool = False) -> Callable[[Any, Used], Expression]:
    def build(said: Mapping[str, Any], used: Used) -> Expression:
        name = used.field(field)
        text = f"{name} in {used.source.constant(frozenset(said['in']))}"
        if not may_lack:
            return Expression(f"({text})")
        return settled(f"{name} is not None", text, said.get("unknown"))

    return build


def _bounds(field: str) -> Callable[[Any, Used], Expression]:
    def build(said: Mapping[str, Any], used: Used) -> Expression:
        name = used.seats() if field == "seats" else used.field(field)
        parts = [f"{name} {sign} {int(said[key])}" for key, sign in _SIGNS.items() if key in said]
        text = "(" + " and ".join(parts) + ")"
        if field == "seats":
            return Expression(text)
        return settled(f"{name} is not None", text, said.get("unknown"))

    return build


def _admitted(field: str) -> Callable[[Any, Used], Expression]:
    def build(said: Mapping[str, Any], used: Used) -> Expression:
        name, at, text = used.field(field), used.field("at"), "False"
        for entry in said["admitted"]:
            ids = entry.get("ids")
            now = "True" if ids is None else f"{name} in {used.source.constant(frozenset(ids))}"
            if "from" not in entry:
                text = now
            else:
                begin = used.source.constant(instant(entry["from"]))
                text = f"({now} if {at} >= {begin} else {text})"
        return Expression(f"({text})")

    return build


def _instant(said: Mapping[str, Any], used: Used) -> Expression:
    at, constant = used.field("at"), used.source.constant
    parts = [f"{at} >= {constant(instant(said['from']))}"] if "from" in said else []
    parts += [f"{at} < {constant(instant(said['before']))}"] if "before" in said else []
    return Expression("(" + " and ".join(parts) + ")")


def _day(said: Mapping[str, Any], used: Used) -> Expression:
    day = f"{used.local(said.get('time_zone'))}.toordinal()"
    low = f"{ordinal(said['from'])} <= " if "from" in said else ""
    high = f" <= {ordinal(said['to'])}" if "to" in said else ""
    return Expression(f"({low}{day}{high})")


def _in_calendar(said: Mapping[str, Any], used: Used) -> Expression:
    days = used.source.constant(used.source.calendar(said["calendar"]))
    return Expression(f"({used.local(said.get('time_zone'))}.toordinal() in {days})")


def _weekday(said: Mapping[str, Any], used: Used) -> Expression:
    days = used.source.constant(frozenset(said["in"]))
    return Expression(f"({used.local(said.get('time_zone'))}.isoweekday() in {days})")


def _hours(said: Mapping[str, Any], used: Used) -> Expression:
    local = used.local(said.get("time_zone"))
    minute = f"{local}.hour * 60 + {local}.minute"
    first, last = minutes(said["from"]), minutes(said["before"])
    if first <= last:
        return Expression(f"({first} <= {minute} < {last})")
    return Expression(f"(not {last} <= {minute} < {first})")


def minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _recorded_within(said: Mapping[str, Any], used: Used) -> Expression:
    recorded = used.field("recorded_at")
    zone = used.source.time_zone(said.get("time_zone")) or used.source.constant(UTC)
    day = used.local(said.get("time_zone"))
    age = f"{recorded}.astimezone({zone}).toordinal() - {day}.toordinal()"
    return settled(f"{recorded} is not None", f"{age} <= {int(said['days'])}", said.get("unknown"))


def _adult(said: Mapping[str, Any], used: Used) -> Expression:
    name = used.field(f"{'citizen' if said['who'] == 'citizen' else 'other'}_adult")
    return settled(f"{name} is not None", f"{name} is True", said.get("unknown"))


def _first_time(said: Mapping[str, Any], used: Used) -> Expression:
    name = used.field("first_time")
    return settled(f"{name} is not None", f"{name} is True", said.get("unknown"))


def _in_zone(said: Mapping[str, Any], used: Used) -> Expression:
    ends = ("start", "end") if said["end"] in ("both", "either") else (said["end"],)
    parts = [_end_in(said["zone"], end, said.get("unknown"), used) for end in ends]
    return either(parts) if said["end"] == "either" else both(parts)


def _end_in(name: str, end: str, unknown: str | None, used: Used) -> Expression:
    zone, constant = used.source.zone(name), used.source.constant
    codes, tests = used.field("start" if end == "start" else "end"), []
    tests += [f"{codes}.get({constant(k)}) in {constant(v)}" for k, v in zone.plain.items()]
    for kind, spans in zone.dated.items():
        day = f"{used.local(None)}.toordinal()"
        tests.append(f"listed({constant(spans)}, {codes}.get({constant(kind)}), {day})")
    if zone.rings:
        point = used.field(f"{codes}_lonlat")
        tests.append(f"inside({constant(zone.rings)}, {point})")
    text = "(" + (" or ".join(tests) or "False") + ")"
    if unknown == "fail":
        return Expression(text)
    point = used.field(f"{codes}_lonlat") if zone.rings else "None"
    return settled(f"known({constant(zone)}, {codes}, {point})", text, unknown)


def _same_zone(said: Mapping[str, Any], used: Used) -> Expression:
    unknown = said.get("unknown")
    return either(
        [_in_zone({"zone": z, "end": "both", "unknown": unknown}, used) for z in said["zones"]]
    )


def _same_code(said: Mapping[str, Any], used: Used) -> Expression:
    start, end = used.field("start"), used.field("end")
    kind, unknown = used.source.constant(said["kind"]), said.get("unknown")
    used.source.kinds.add(said["kind"])
    first, last = f"{start}.get({kind})", f"{end}.get({kind})"
    truths = {"pass": "True", "fail": "False", "ask": "None", None: "None"}
    neither, one = truths[said.get("both_unknown", unknown)], truths[unknown]
    if (neither, one) == ("True", "False"):
        return Expression(f"({first} == {last})")
    text = (
        f"({first} == {last} if {first} is not None and {last} is not None else "
        f"{neither} if {first} is None and {last} is None else {one})"
    )
    return Expression(text, "None" in (neither, one))


_KINDS: dict[str, Callable[[Any, Used], Expression]] = {
    "all": lambda said, used: both([expression(part, used) for part in said]),
    "any": lambda said, used: either([expression(part, used) for part in said]),
    "not": lambda said, used: negated(expression(said, used)),
    "action_type": _named("action_type"),
    "partner": _admitted("partner"),
    "attester": _admitted("attester"),
    "proof_level": _named("proof_level"),
    "proof_class": _named("proof_class", may_lack=True),
    "identity_level": _named("identity_level"),
    **{field: _bounds(field) for field in (*NUMBERS, "seats")},
    "instant": _instant,
    "day": _day,
    "in_calendar": _in_calendar,
    "weekday": _weekday,
    "hours": _hours,
    "recorded_within": _recorded_within,
    "adult": _adult,
    "first_time": _first_time,
    "in_zone": _in_zone,
    "same_zone": _same_zone,
    "same_code": _same_code,
}

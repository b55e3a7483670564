"""A calendar that is kept outside the rules, as the form has it: deeds on its days alone, or on all
days but those. Typed as `on:NAME` or `off:NAME`; nothing where any day will do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.web.words import gettext as _

Entry = dict[str, Any]
MEMBERS = {"on": "require", "off": "exclude"}
_KIND = "in_calendar"


def asked(text: str) -> Entry | None:
    """What a condition says then; None where any day will do."""
    word, _colon, name = text.strip().partition(":")
    if word not in MEMBERS or not name:
        return None
    return {MEMBERS[word]: {_KIND: {"calendar": name}}}


def typed(entry: Mapping[str, Any]) -> str:
    """What is typed for such a condition. Raises LookupError for another one."""
    word = next((word for word, member in MEMBERS.items() if _KIND in entry.get(member, {})), "on")
    return f"{word}:{entry[MEMBERS[word]][_KIND]['calendar']}"


def is_whole(entry: Mapping[str, Any]) -> bool:
    """Whether a condition says this of every kind of deed, and nothing else."""
    bare = {name: value for name, value in entry.items() if name not in ("id", "order")}
    try:
        return asked(typed(entry)) == bare
    except LookupError:
        return False


def declared(base: Mapping[str, Any], made: Mapping[str, Any]) -> Entry:
    """`outside` of the rules that were made of others: calendars that they name now, and not those
    that only the others named; nothing where it stays as it was."""
    outside = dict(base.get("outside", {}))
    listed, before, now = outside.get("calendars", []), set(_named(base)), [*_named(made)]
    kept = [name for name in listed if name in now or name not in before]
    kept += [name for name in dict.fromkeys(now) if name not in listed]
    return {} if kept == listed else {"outside": {**outside, "calendars": kept}}


def _named(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        if isinstance(said := part.get(_KIND), Mapping):
            yield str(said.get("calendar"))
        for inner in part.values():
            yield from _named(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _named(inner)


def choices(names: list[str], form: Mapping[str, str]) -> list[tuple[str, str]]:
    """For every list of calendars of the form: those that are kept, and those that it names."""
    said = [text.partition(":")[2] for name, text in form.items() if name.startswith("calendar")]
    found = [("", _("any day"))]
    for name in dict.fromkeys([*names, *filter(None, said)]):
        found.append((f"on:{name}", _("only days of the calendar %(name)s", name=name)))
        found.append((f"off:{name}", _("never days of the calendar %(name)s", name=name)))
    return found

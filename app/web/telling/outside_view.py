"""Outside data in words, for officers and the public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy.orm import Session

from app.governance.models import Proposal
from app.rewards.models import RuleSet
from app.rewards.outside import queries
from app.rewards.outside.documents import days
from app.rewards.outside.models import OutsideData, OutsideKind
from app.rewards.outside.relied import relied_or_refused
from app.rewards.rule_sets.published import Refusal
from app.web import formats
from app.web.rule_sets.rule_json import Fault, Typed
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l
from app.web.words import locale, ngettext

KINDS = {
    OutsideKind.CALENDAR: _l("Calendar"),
    OutsideKind.ZONE: _l("Zone"),
    OutsideKind.NUMBER: _l("Number"),
}
SHOWN = 12  # days or codes in a proposal; the rest are counted


def shown(row: OutsideData) -> SimpleNamespace:
    """A version without its content."""
    return SimpleNamespace(
        kind=row.kind.value,
        kind_words=str(KINDS[row.kind]),
        name=row.name,
        version=row.version,
        since=row.valid_from,
        source=row.source,
        licence=row.licence,
        hash=f"0x{row.hash.hex()}",
        summary=summary(row.kind, row.data),
    )


def calendars(session: Session) -> list[str]:
    """Names of those that are kept."""
    rows = queries.newest_of_each(session)
    return [row.name for row in rows if row.kind is OutsideKind.CALENDAR]


def relied_lines(said: Sequence[Mapping[str, Any]]) -> list[str]:
    """What rules that are proposed rely on as it stands."""
    return [
        _(
            "Relies on %(kind)s %(name)s, version %(version)s by now: %(hash)s",
            kind=str(KINDS[OutsideKind(one["kind"])]), name=one["name"], version=one["version"],
            hash=one["hash"],
        )
        for one in said
    ]  # fmt: skip


def named(session: Session, row: RuleSet, at: datetime) -> list[SimpleNamespace]:
    """What a rule set leaves to outside: as it holds, and what it was when that was published."""
    found = []
    for one in row.outside:
        rows = queries.versions_of(session, OutsideKind(one["kind"]), one["name"])
        held = shown(queries.holding(rows, at) or rows[0])
        held.relied_version, held.relied_hash = one["version"], one["hash"]
        found.append(held)
    return found


def as_of(stored: RuleSet | None, at: datetime) -> datetime:
    """When to look at what stored rules name: before they hold, it may not."""
    return at if stored is None else max(at, stored.valid_from)


def with_missing(session: Session, typed: Typed, at: datetime) -> Typed:
    """Rules as typed, refused where they name what is kept nowhere."""
    if typed.data is None:
        return typed
    found = relied_or_refused(session, typed.data, at)
    if isinstance(found, Refusal):
        return Typed(None, [Fault(found.path, found.said(locale()))])
    return typed


def summary(kind: OutsideKind, data: Mapping[str, Any]) -> str:
    """How much there is of it."""
    if kind is OutsideKind.NUMBER:
        return formats.plain_number(data["value"])
    if kind is OutsideKind.CALENDAR:
        listed = days(data)
        return _(
            "%(count)s, from %(first)s to %(last)s",
            count=ngettext("%(num)s day", "%(num)s days", len(listed)),
            first=formats.day(listed[0]),
            last=formats.day(listed[-1]),
        )
    codes = sum(map(len, data.get("codes", {}).values()))
    rings = data.get("polygon", ())
    points = sum(map(len, rings))
    said = [ngettext("%(num)s code", "%(num)s codes", codes)] if codes else []
    said += [ngettext("a border of %(num)s point", "a border of %(num)s points", points)
             ] if rings else []  # fmt: skip
    return ", ".join(said)


def content(row: OutsideData) -> list[str]:
    """All of it in lines; a polygon's points are left to the download."""
    if row.kind is OutsideKind.CALENDAR:
        return [_day(one) for one in row.data["days"]]
    if row.kind is OutsideKind.NUMBER:
        return [formats.plain_number(row.data["value"])]
    return [
        f"{kind} {_code(one)}"
        for kind, listed in row.data.get("codes", {}).items()
        for one in listed
    ]


def proposed(session: Session, row: Proposal, _at: datetime) -> tuple[str, list[str]]:
    """For the page of decisions of two."""
    said = row.payload
    kind = OutsideKind(said["kind"])
    title = _(
        "%(kind)s %(name)s outside the rules, version %(version)s",
        kind=str(KINDS[kind]), name=said["name"], version=said["version"],
    )  # fmt: skip
    begin = datetime.fromisoformat(said["valid_from"])
    return title, [
        _("For deeds from %(when)s on.", when=formats.moment(begin)),
        f"{summary(kind, said['data'])}.",
        *_changed(session, kind, said),
        _("Source: %(source)s", source=said["source"]),
        _("Licence: %(licence)s", licence=said["licence"]),
        _("Hash: %(hash)s", hash=said["hash"]),
    ]


def _changed(session: Session, kind: OutsideKind, said: Mapping[str, Any]) -> list[str]:
    """Against the version before."""
    if said["version"] == 1:
        return []
    before = queries.one_version(session, kind, said["name"], said["version"] - 1)
    if kind is OutsideKind.NUMBER:
        return [_("Until now: %(what)s", what=summary(kind, before.data))]
    old, new = _entries(kind, before.data), _entries(kind, said["data"])
    lines = []
    if gained := [one for one in new if one not in set(old)]:
        lines.append(_("New: %(what)s", what=_few(gained)))
    if lost := [one for one in old if one not in set(new)]:
        lines.append(_("No longer: %(what)s", what=_few(lost)))
    if before.data.get("polygon") != said["data"].get("polygon"):
        lines.append(_("Another polygon."))
    return lines


def _entries(kind: OutsideKind, data: Mapping[str, Any]) -> list[str]:
    if kind is OutsideKind.CALENDAR:
        return [formats.day(one) for one in days(data)]
    return [
        f"{kind_of} {_code(one)}"
        for kind_of, listed in data.get("codes", {}).items()
        for one in listed
    ]


def _few(words: list[str]) -> str:
    text, more = ", ".join(words[:SHOWN]), len(words) - SHOWN
    return _("%(some)s and %(more)s more", some=text, more=more) if more > 0 else text


def _day(one: Any) -> str:
    if isinstance(one, str):
        return formats.day(date.fromisoformat(one))
    return f"{formats.day(date.fromisoformat(one['day']))} – {one[locale()]}"


def _code(one: Any) -> str:
    if isinstance(one, str):
        return one
    span = [one[word] for word in ("from", "to") if word in one]
    return f"{one['code']} ({' – '.join(span)})"

"""What a rule set relies on outside itself when it is published: each version, with its hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.errors import Problem
from app.rewards.language.action import MissingOutsideError, Outside
from app.rewards.language.faults import Fault
from app.rewards.outside import problems
from app.rewards.outside.kept import KINDS, index, names_in, read
from app.rewards.rule_sets.published import Refusal, is_general

__all__ = ["check_as_shown", "outside_at", "problems", "relied_on", "relied_or_refused"]

Relied = list[dict[str, Any]]
_KINDS = {
    "en": {"calendar": "calendar", "zone": "zone", "number": "number"},
    "fr": {"calendar": "calendrier", "zone": "zone", "number": "nombre"},
}


@dataclass(frozen=True)
class Replaced:
    """The versions that hold instead of those that were shown, in a reader's language."""

    now: tuple[tuple[str, str, int], ...]

    def said(self, language: str) -> str:
        colon = {"en": ":", "fr": "\u00a0:"}[language]
        return ", ".join(
            f"{_KINDS[language][kind]} {name}{colon} version {version}"
            for kind, name, version in self.now
        )


def relied_on(session: Session, rules: Mapping[str, Any], valid_from: datetime) -> Relied:
    """As of the rules' first moment. Raises Problem rules-invalid, with the place of a name that
    nothing is kept by then."""
    found = relied_or_refused(session, rules, valid_from)
    if isinstance(found, Refusal):
        raise Problem("rules-invalid", field=found.path, path=found.path, what=found)
    return found


def check_as_shown(found: Relied, shown: Relied | None) -> None:
    """What is relied on is what the second officer read; `shown`: None of a proposal that says
    nothing of it. Raises Problem outside-changed."""
    if other := [one for one in found if shown is not None and one not in shown]:
        now = tuple((one["kind"], one["name"], one["version"]) for one in other)
        raise Problem("outside-changed", what=Replaced(now))


def outside_at(session: Session, rules: Mapping[str, Any], moment: datetime) -> Outside:
    """For trying rules: what they name, as it holds at a moment. Raises Problem rules-invalid."""
    names = names_in(rules)
    try:
        return read(session, index(session).holding(names, moment)) if names else Outside()
    except MissingOutsideError:
        relied_on(session, rules, moment)  # says where it is named
        raise


def relied_or_refused(
    session: Session, rules: Mapping[str, Any], valid_from: datetime
) -> Relied | Refusal:
    """The same, or the first name that nothing is kept by."""
    if not is_general(rules) or not any(rules.get("outside", {}).values()):
        return []
    known, found = index(session), list[dict[str, Any]]()
    for plural, kind in KINDS.items():
        for place, name in enumerate(rules["outside"].get(plural, ())):
            try:
                (entry,) = known.holding([(kind, name)], valid_from)
            except MissingOutsideError:
                return _missing(f"$.outside.{plural}[{place}]", kind, name, rules, valid_from)
            said = {"kind": kind, "name": name, "version": entry.version}
            found.append({**said, "hash": f"0x{entry.hash.hex()}"})
    return found


def _missing(
    path: str, kind: str, name: str, rules: Mapping[str, Any], valid_from: datetime
) -> Refusal:
    day = valid_from.astimezone(ZoneInfo(rules["time_zone"])).date().isoformat()
    return Refusal(path, Fault(path, "not_kept", {"kind": kind, "name": name, "day": day}))

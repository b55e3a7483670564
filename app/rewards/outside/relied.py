"""What a rule set relies on outside itself when it is published: each version, with its hash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.errors import Problem
from app.rewards.language.action import MissingOutsideError, Outside
from app.rewards.language.faults import Fault
from app.rewards.outside.kept import KINDS, index, names_in, read
from app.rewards.rule_sets.published import Refusal, is_general

Relied = list[dict[str, Any]]


def relied_on(session: Session, rules: Mapping[str, Any], valid_from: datetime) -> Relied:
    """As of the rules' first moment. Raises Problem rules-invalid, with the place of a name that
    nothing is kept by then."""
    found = relied_or_refused(session, rules, valid_from)
    if isinstance(found, Refusal):
        raise Problem("rules-invalid", field=found.path, path=found.path, what=found)
    return found


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

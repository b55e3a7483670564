"""What a rule set relies on outside itself when it is published: each version, with its hash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.errors import Problem
from app.rewards.language.action import MissingOutsideError
from app.rewards.language.faults import Fault
from app.rewards.outside.kept import KINDS, index
from app.rewards.published import Refusal, is_general


def relied_on(
    session: Session, rules: Mapping[str, Any], valid_from: datetime
) -> list[dict[str, Any]]:
    """As of the rules' first moment. Raises Problem rules-invalid, with the place of a name that
    nothing is kept by then."""
    if not is_general(rules) or not any(rules.get("outside", {}).values()):
        return []
    known, found = index(session), list[dict[str, Any]]()
    for plural, kind in KINDS.items():
        for place, name in enumerate(rules["outside"].get(plural, ())):
            try:
                (entry,) = known.holding([(kind, name)], valid_from)
            except MissingOutsideError as error:
                path = f"$.outside.{plural}[{place}]"
                day = valid_from.astimezone(ZoneInfo(rules["time_zone"])).date().isoformat()
                fault = Fault(path, "not_kept", {"kind": kind, "name": name, "day": day})
                what = Refusal(path, fault)
                raise Problem("rules-invalid", field=path, path=path, what=what) from error
            said = {"kind": kind, "name": name, "version": entry.version}
            found.append({**said, "hash": f"0x{entry.hash.hex()}"})
    return found

"""Which deed is a citizen's first of its kind: the first that is worth something by itself."""

from __future__ import annotations

from app.rewards.language.action import Action
from app.rewards.language.compiling import Program


def takes_first(program: Program, action: Action, before: int | None) -> bool:
    """Whether an action, worth `before` by itself, is the first where none was yet: what rules
    refuse takes nobody's first time. Rules that begin with the second one refuse the first, which
    is one all the same: worth something were it not the first."""
    if before is None or before > 0 or "first_time" not in program.fields:
        return (before or 0) > 0
    said, action.first_time = action.first_time, False
    otherwise = program.worth(action)[0] or 0
    action.first_time = said
    return otherwise > 0


def either(program: Program) -> tuple[bool | None, ...]:
    """What counters may yet say of a first time; to rules that don't ask, nothing."""
    return (True, False) if "first_time" in program.fields else (None,)

"""A consent's states and what leads from one to another; whatever is not here is refused.

    requested -> given | refused | expired        given -> withdrawn | expired

Refused, withdrawn and expired are ends: who is asked again, or agrees again, begins a new record.
"""

from __future__ import annotations

import enum


class ConsentState(enum.Enum):
    REQUESTED = "requested"  # asked, not answered: nothing may be done
    GIVEN = "given"  # holds until it is withdrawn or its time is over
    REFUSED = "refused"  # not asked again by itself
    WITHDRAWN = "withdrawn"  # the next use is refused
    EXPIRED = "expired"  # its time was over, or nobody answered


class Step(enum.Enum):
    ASK = "ask"
    GIVE = "give"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


_STEPS = {
    (None, Step.ASK): ConsentState.REQUESTED,
    (None, Step.GIVE): ConsentState.GIVEN,
    (None, Step.REFUSE): ConsentState.REFUSED,
    (ConsentState.REQUESTED, Step.GIVE): ConsentState.GIVEN,
    (ConsentState.REQUESTED, Step.REFUSE): ConsentState.REFUSED,
    (ConsentState.REQUESTED, Step.EXPIRE): ConsentState.EXPIRED,
    (ConsentState.GIVEN, Step.WITHDRAW): ConsentState.WITHDRAWN,
    (ConsentState.GIVEN, Step.EXPIRE): ConsentState.EXPIRED,
}
OPEN = frozenset(before for before, _ in _STEPS if before is not None)


class NoSuchStepError(ValueError):
    """A defect of the caller: this state has no such step."""


def after(state: ConsentState | None, step: Step) -> ConsentState:
    """The state that a step leads to; None stands for no record yet. Raises NoSuchStepError."""
    try:
        return _STEPS[state, step]
    except KeyError as error:
        raise NoSuchStepError(f"{state} has no step {step.value}") from error

"""A consent's states: every step that there is, and no other."""

from __future__ import annotations

from itertools import product

import pytest

from app.privacy.rules import OPEN, ConsentState, NoSuchStepError, Step, after

A, G, R, W, E = Step.ASK, Step.GIVE, Step.REFUSE, Step.WITHDRAW, Step.EXPIRE
REQUESTED, GIVEN, REFUSED = ConsentState.REQUESTED, ConsentState.GIVEN, ConsentState.REFUSED
WITHDRAWN, EXPIRED = ConsentState.WITHDRAWN, ConsentState.EXPIRED
STEPS = {
    (None, A): REQUESTED,
    (None, G): GIVEN,
    (None, R): REFUSED,
    (REQUESTED, G): GIVEN,
    (REQUESTED, R): REFUSED,
    (REQUESTED, E): EXPIRED,
    (GIVEN, W): WITHDRAWN,
    (GIVEN, E): EXPIRED,
}


@pytest.mark.parametrize(("state", "step"), [*product([None, *ConsentState], Step)])
def test_each_state_has_these_steps_alone(state: ConsentState | None, step: Step) -> None:
    if (state, step) in STEPS:
        assert after(state, step) is STEPS[state, step]
    else:
        with pytest.raises(NoSuchStepError):
            after(state, step)


def test_what_ended_does_not_begin_again() -> None:
    """No way of steps leads from an end back to a consent that holds."""
    assert set(ConsentState) - OPEN == {REFUSED, WITHDRAWN, EXPIRED}
    assert not [state for state, _ in STEPS if state in (REFUSED, WITHDRAWN, EXPIRED)]

"""An action's state follows from its tracks, its ending and settlement alone."""

from __future__ import annotations

import itertools

import pytest

from app.actions.models import ActionState, Track
from app.actions.states import PASSED, Ending, Settlement, Tracks, state_of


@pytest.mark.parametrize("tracks", list(itertools.product(Track, repeat=3)))
def test_tracks_alone(tracks: tuple[Track, Track, Track]) -> None:
    state = state_of(Tracks(*tracks))
    if Track.FAILED in tracks:
        assert state is ActionState.REFUSED
    elif Track.PENDING in tracks:
        assert state is ActionState.RECORDED
    else:
        assert state is ActionState.AUTHENTICATED


@pytest.mark.parametrize(
    ("settlement", "state"),
    [
        (Settlement.BATCHED, ActionState.BATCHED),
        (Settlement.SETTLED, ActionState.SETTLED),
        (Settlement.QUARANTINED, ActionState.QUARANTINED),
        (Settlement.REVERSED, ActionState.REVERSED),
    ],
)
def test_the_chain_has_the_last_word(settlement: Settlement, state: ActionState) -> None:
    assert state_of(PASSED.with_failed_by_person(), settlement, Ending.WITHDRAWN) is state


def test_an_ending_outweighs_the_tracks() -> None:
    assert state_of(PASSED, ending=Ending.WITHDRAWN) is ActionState.WITHDRAWN
    assert state_of(Tracks(), ending=Ending.EXPIRED) is ActionState.EXPIRED

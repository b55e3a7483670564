"""The state of an action: a pure function of its three tracks, of its ending and of settlement."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from app.actions.models import ActionState, Track


class Settlement(enum.Enum):
    NONE = "none"
    BATCHED = "batched"
    SETTLED = "settled"
    QUARANTINED = "quarantined"
    REVERSED = "reversed"


class Ending(enum.Enum):
    NONE = "none"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Tracks:
    """Recording (complete, in time), anomaly (does it fit), fraud (was it made up)."""

    recording: Track = Track.PENDING
    anomaly: Track = Track.PENDING
    fraud: Track = Track.PENDING

    @property
    def all(self) -> tuple[Track, Track, Track]:
        return (self.recording, self.anomaly, self.fraud)

    def with_failed_by_person(self) -> Tracks:
        """A person refused it: the anomaly track, the one that people decide, has failed."""
        return replace(self, anomaly=Track.FAILED)


PASSED = Tracks(Track.PASSED, Track.PASSED, Track.PASSED)

_SETTLED = {
    Settlement.BATCHED: ActionState.BATCHED,
    Settlement.SETTLED: ActionState.SETTLED,
    Settlement.QUARANTINED: ActionState.QUARANTINED,
    Settlement.REVERSED: ActionState.REVERSED,
}
_ENDED = {Ending.WITHDRAWN: ActionState.WITHDRAWN, Ending.EXPIRED: ActionState.EXPIRED}


def state_of(
    tracks: Tracks,
    settlement: Settlement = Settlement.NONE,
    ending: Ending = Ending.NONE,
) -> ActionState:
    """What went to the chain wins, then how it ended, then one failed track, then all passed."""
    if settlement is not Settlement.NONE:
        return _SETTLED[settlement]
    if ending is not Ending.NONE:
        return _ENDED[ending]
    if Track.FAILED in tracks.all:
        return ActionState.REFUSED
    if all(track is Track.PASSED for track in tracks.all):
        return ActionState.AUTHENTICATED
    return ActionState.RECORDED

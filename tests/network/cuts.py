"""Connections that break: two and two, one node from all, a stranger from the start."""

from __future__ import annotations

import signal
import time

from tests.network.control import Control, FaultFailedError
from tests.network.crowd import incidents
from tests.network.stranger import stays_outside
from tests.network.trial import ALL, NEW, RPC_NODES, STALE, Trial, handed_over

TAKEN_OVER = 120.0  # seconds: two looks at a node that has stood for fifteen, on a busy machine


def cut_in_two(trial: Trial) -> str:
    """Two validators on each side, one of our nodes too: nobody goes on; healed, one chain."""
    control = trial.control
    left = ("validator-1", "validator-3", "rpc-1")
    right = ("validator-2", NEW, "rpc-2", "validator-4")  # the last was voted out, it seals nothing
    control.await_agreement(ALL)
    control.cut(left, right)
    time.sleep(10)
    before = control.head("rpc-1"), control.head("rpc-2")
    trial.crowd.act()
    time.sleep(20)
    heads = control.head("rpc-1"), control.head("rpc-2")
    if heads != before:
        raise FaultFailedError(f"a side of two went on alone: {before} became {heads}")
    sides = _fork(control)
    control.heal(left, right)
    cured = _await_one_chain(trial, right)
    settled = trial.crowd.await_settled()
    return (
        f"both sides stood, at {heads[0]} and {heads[1]}, {sides}; healed: {cured}; all settled "
        f"in {settled:.0f} s"
    )


def _fork(control: Control) -> str:
    """How many blocks the two sides don't share."""
    shared = _shared(control)
    apart = [control.head(name) - shared for name in RPC_NODES]
    return f"{apart[0]} and {apart[1]} blocks of their own"


def _shared(control: Control) -> int:
    """The last block that both sides have."""
    number = min(control.head(name) for name in RPC_NODES)
    while control.hash("rpc-1", number) != control.hash("rpc-2", number):
        number -= 1
    return number


def _await_one_chain(trial: Trial, right: tuple[str, ...]) -> str:
    """Two sides of equal weight never leave theirs: then somebody must take one back by hand."""
    control = trial.control
    try:
        control.await_agreement(ALL, STALE)
    except FaultFailedError:
        _set_back(control, right)
        control.await_agreement(ALL)
        return "both sides weighed the same, so one was set back by hand"
    return "one chain by itself"


def _set_back(control: Control, side: tuple[str, ...]) -> None:
    """To the last shared block, and started anew: only then does a node look for a heavier one."""
    shared = _shared(control)
    for name in side:
        control.ask(name, "debug_setHead", hex(shared))
        control.end(name, signal.SIGTERM)


def left_behind(trial: Trial) -> str:
    """The node that we ask is cut off from all others and goes on answering with what it has: it
    is left for the other one."""
    control = trial.control
    control.await_agreement(ALL)
    trial.crowd.pay()
    name, _ = handed_over(trial)
    others = tuple(other for other in ALL if other != name)
    control.cut((name,), others)
    stood = control.head(name)
    trial.crowd.act()
    settled = trial.crowd.await_settled(TAKEN_OVER)
    if not any(one.startswith("node_behind") for one in incidents(trial.crowd.world)):
        raise FaultFailedError(f"nobody was told that {name} lags")
    if control.head(name) != stood:
        raise FaultFailedError(f"{name} was not cut off")
    control.heal((name,), others)
    control.await_agreement(ALL)
    return (
        f"{name} stayed at block {stood} and was left; by the other all settled in {settled:.0f} s"
    )


def stranger(trial: Trial) -> str:
    """A node that knows everything and is nobody's gets no connection."""
    trial.control.await_agreement(ALL)
    seen = stays_outside(trial.control, trial.copies / "stranger")
    if not seen:
        raise FaultFailedError("a stranger was let in")
    trial.crowd.act()
    return f"{seen}; settled in {trial.crowd.await_settled():.0f} s"

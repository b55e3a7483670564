"""What is done to the network, in this order; each says what was seen, or raises."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable

from tests.network.control import Control, FaultFailedError, wait
from tests.network.cuts import cut_in_two, left_behind, stranger
from tests.network.forger import forged_state
from tests.network.trial import ALL, NEW, QUICK, VALIDATORS, Trial, handed_over


def one_killed(trial: Trial) -> str:
    """One of four validators: the others go on, and it catches up when it is back."""
    control = trial.control
    with control.nobody_comes_back():
        control.end("validator-1")
        control.await_blocks("rpc-1", 10)
        trial.crowd.act()
        settled = trial.crowd.await_settled()
    control.await_agreement(ALL)
    return f"the three others went on and settled all in {settled:.0f} s; it caught up when back"


def two_killed(trial: Trial) -> str:
    """Nobody can agree: the network stands, people don't, and afterwards all settles."""
    control, crowd, killed = trial.control, trial.crowd, ("validator-1", "validator-2")
    with control.nobody_comes_back():
        for name in killed:
            control.end(name)
        time.sleep(5)  # what was on its way
        stood, acted = _heads(control, killed), 0
        crowd.slowest, ends = 0.0, time.monotonic() + trial.halt
        while time.monotonic() < ends:
            crowd.act()
            acted += 1
            time.sleep(trial.halt / 10)
            if (heads := _heads(control, killed)) != stood:
                raise FaultFailedError(f"two of four went on alone, from {stood} to {heads}")
        if crowd.slowest > QUICK:
            raise FaultFailedError(f"somebody waited {crowd.slowest:.1f} s for an acceptance")
    settled = crowd.await_settled()
    control.await_agreement(ALL)
    return (
        f"every node stood at {max(stood.values())} for {trial.halt:.0f} s; {acted} rounds of "
        f"deeds and payments were accepted, the slowest in {crowd.slowest:.1f} s; all settled by "
        f"itself {settled:.0f} s after the restart"
    )


def _heads(control: Control, killed: tuple[str, ...]) -> dict[str, int]:
    """Of each node that is left: one that merely lost sight of the others stands still too."""
    return {name: control.head(name) for name in ALL if name not in killed}


def rpc_killed_mid_send(trial: Trial) -> str:
    """The node that was handed a transaction dies before a block holds it."""
    control = trial.control
    with control.nobody_comes_back():
        trial.crowd.pay()
        name, sent = handed_over(trial)
        control.end(name)
        trial.crowd.act()
        settled = trial.crowd.await_settled()
    control.await_agreement(ALL)
    return f"{name} died with {sent} in its hands; by the other node all settled in {settled:.0f} s"


def voted(trial: Trial) -> str:
    """The candidate is voted in, then a validator out, by three of the others each time."""
    control = trial.control
    new, gone = control.address(NEW), control.address("validator-4")
    _vote(control, VALIDATORS[:3], new, True)
    wait("the vote for the candidate", lambda: new in control.signers())
    _vote(control, VALIDATORS[:3], gone, False)
    wait("the vote against validator-4", lambda: gone not in control.signers())
    for name in VALIDATORS[:3]:
        control.ask(name, "clique_discard", new)
        control.ask(name, "clique_discard", gone)
    control.end("validator-4")  # it comes back, as a node that nobody listens to
    wait("a block of the new one", lambda: _sealed_lately(control, new))
    trial.crowd.act()
    settled = trial.crowd.await_settled()
    control.await_agreement(ALL)
    if _sealed_lately(control, gone):
        raise FaultFailedError("who was voted out seals blocks")
    return f"voted in and out by three votes each; the new one seals; settled in {settled:.0f} s"


def _vote(control: Control, voters: tuple[str, ...], address: str, inside: bool) -> None:
    for name in voters:
        control.ask(name, "clique_propose", address, inside)


def _sealed_lately(control: Control, address: str) -> bool:
    """Whether a block of the last ten bears its seal."""
    head = control.head("rpc-1")
    sealers = {
        str(control.ask("rpc-1", "clique_getSigner", hex(number))).lower()
        for number in range(head - 9, head + 1)
    }
    return address in sealers


def old_copy(trial: Trial) -> str:
    """A validator and the node that we ask come back with a state of long ago."""
    control, names = trial.control, ("validator-2", "rpc-1")
    with control.nobody_comes_back():
        for name in names:
            control.end(name, signal.SIGTERM)
            shutil.copytree(control.members[name].folder / "data", trial.copies / name)
    control.await_agreement(ALL)
    copied = control.head("rpc-2")
    trial.crowd.act()
    trial.crowd.await_settled()
    with control.nobody_comes_back():
        for name in names:
            control.end(name)
            data = control.members[name].folder / "data"
            shutil.rmtree(data)
            shutil.move(trial.copies / name, data)
        went = control.head("rpc-2") - copied
        trial.crowd.act()
    settled = trial.crowd.await_settled()
    control.await_agreement(ALL)
    return f"both came back {went} blocks behind and caught up; settled in {settled:.0f} s"


FAULTS: tuple[tuple[str, Callable[[Trial], str]], ...] = (
    ("one of four validators killed", one_killed),
    ("two of four validators killed", two_killed),
    ("the RPC node killed with a transaction in its hands", rpc_killed_mid_send),
    ("a validator voted in, another out", voted),
    ("two nodes restored from an old copy", old_copy),
    ("the network cut two and two", cut_in_two),
    ("an RPC node cut off, answering with an old state", left_behind),
    ("an RPC node that answers with a forged state", forged_state),
    ("a stranger's node knocks", stranger),
)

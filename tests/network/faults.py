"""What is done to the network, in this order; each says what was seen, or raises."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlmodel import col

from app.outbox.models import ChainTransaction, TransactionState
from tests.network.control import Control, FaultFailedError, wait
from tests.network.crowd import Crowd

VALIDATORS = tuple(f"validator-{number}" for number in range(1, 5))
NEW = "candidate-1"
RPC_NODES = ("rpc-1", "rpc-2")
ALL = (*VALIDATORS, NEW, *RPC_NODES)
STALE = 60.0  # seconds for which a node that was left behind goes on answering
QUICK = 15.0  # seconds within which anything is accepted, on a machine that is busy


@dataclass
class Trial:
    """`halt`: seconds that the network stands still when two validators are gone."""

    control: Control
    crowd: Crowd
    halt: float
    copies: Path  # a folder for a node's old state


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
    control, crowd = trial.control, trial.crowd
    with control.nobody_comes_back():
        for name in ("validator-1", "validator-2"):
            control.end(name)
        time.sleep(5)  # what was on its way
        stood, acted = control.head("rpc-1"), 0
        crowd.slowest, ends = 0.0, time.monotonic() + trial.halt
        while time.monotonic() < ends:
            crowd.act()
            acted += 1
            time.sleep(trial.halt / 10)
        if control.head("rpc-1") != stood:
            raise FaultFailedError("two of four validators went on alone")
        if crowd.slowest > QUICK:
            raise FaultFailedError(f"somebody waited {crowd.slowest:.1f} s for an acceptance")
    settled = crowd.await_settled()
    control.await_agreement(ALL)
    return (
        f"the network stood at block {stood} for {trial.halt:.0f} s; {acted} rounds of deeds and "
        f"payments were accepted, the slowest in {crowd.slowest:.1f} s; all settled by itself "
        f"{settled:.0f} s after the restart"
    )


def rpc_killed_mid_send(trial: Trial) -> str:
    """The node that was handed a transaction dies before a block holds it."""
    control = trial.control
    with control.nobody_comes_back():
        trial.crowd.pay()
        name, sent = _handed_over(trial)
        control.end(name)
        trial.crowd.act()
        settled = trial.crowd.await_settled()
    control.await_agreement(ALL)
    return f"{name} died with {sent} in its hands; by the other node all settled in {settled:.0f} s"


def _handed_over(trial: Trial) -> tuple[str, str]:
    """The RPC node that just took a transaction, and its hash."""
    seen: set[bytes] = set()
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        with trial.crowd.world.parts.database.session() as session:
            query = select(col(ChainTransaction.hash), col(ChainTransaction.state)).where(
                col(ChainTransaction.state).in_(
                    (TransactionState.PREPARED, TransactionState.BROADCAST)
                )
            )
            hashes = {row[0] for row in session.execute(query)} - seen
        for one in hashes:
            for name in RPC_NODES:
                log = (trial.control.home / "log" / f"{name}.log").read_text("utf-8")
                if "0x" + one.hex() in log:
                    return name, "0x" + one.hex()[:8]
        time.sleep(0.02)
    raise FaultFailedError("nothing was sent within a minute")


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
    lowest = min(control.head(name) for name in RPC_NODES)
    shared = lowest
    while control.hash("rpc-1", shared) != control.hash("rpc-2", shared):
        shared -= 1
    apart = [control.head(name) - shared for name in RPC_NODES]
    return f"{apart[0]} and {apart[1]} blocks of their own"


def _await_one_chain(trial: Trial, right: tuple[str, ...]) -> str:
    """Two sides of equal weight never leave theirs: then somebody must take one back by hand."""
    control = trial.control
    try:
        control.await_agreement(ALL)
    except FaultFailedError:
        lowest = min(control.head(name) for name in ALL) - 3
        for name in right:
            control.ask(name, "debug_setHead", hex(lowest))
        control.await_agreement(ALL)
        return "both sides weighed the same, one was set back by hand"
    return "one chain by itself"


def left_behind(trial: Trial) -> str:
    """The node that we ask is cut off from all others and goes on answering with what it has."""
    control = trial.control
    control.await_agreement(ALL)
    trial.crowd.pay()
    name, _ = _handed_over(trial)
    others = tuple(other for other in ALL if other != name)
    control.cut((name,), others)
    stood = control.head(name)
    trial.crowd.act()
    try:
        after = f"the other node took over within {trial.crowd.await_settled(STALE):.0f} s"
    except FaultFailedError:
        after = f"nothing settled for {STALE:.0f} s, since nobody asked the other node"
    if control.head(name) != stood:
        raise FaultFailedError(f"{name} was not cut off")
    control.heal((name,), others)
    settled = trial.crowd.await_settled()
    control.await_agreement(ALL)
    return f"{name} stayed at block {stood}; {after}; settled {settled:.0f} s after it was healed"


FAULTS: tuple[tuple[str, Callable[[Trial], str]], ...] = (
    ("one of four validators killed", one_killed),
    ("two of four validators killed", two_killed),
    ("the RPC node killed with a transaction in its hands", rpc_killed_mid_send),
    ("a validator voted in, another out", voted),
    ("two nodes restored from an old copy", old_copy),
    ("the network cut two and two", cut_in_two),
    ("an RPC node cut off, answering with an old state", left_behind),
)

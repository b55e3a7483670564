"""`civis demo`: a city's first day in a fresh home, from the first deed to the stranger's audit.

Leaves build/demo.json. Anything that is not as promised raises; then nothing is called ok.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.config import Settings
from app.demo.city import PlannedDeed, small_city, whole_city
from app.demo.deeds import Recorder
from app.demo.life import founded_city
from app.demo.measures import measures
from app.demo.promises import PROMISES
from app.demo.spending import Purchase, pay, pay_out, refund
from app.demo.stranger import alter_and_restore, audited, reverse_seven
from app.demo.world import DemoError, Say, World
from app.embedded.ports import free_port
from app.merchants.models import Payment, PaymentState, Refund
from app.services import connect

OUTCOME = Path("build/demo.json")
BREAD = 120  # cents
_STEP = re.compile(r"\s+(\S[^\d]*?)\s+([\d.]+) s$")
_NOT_INHERITED = ("DATABASE_URL", "CHAIN_RPC_URLS", "CIVIS_HOME", "PORT", "GATEWAY_PORT")


class DemoFailedError(DemoError):
    """The day did not go as promised."""


@dataclass
class Day:
    """Says each step and keeps how long it took."""

    say: Say
    seconds: dict[str, float] = field(default_factory=dict)

    def step(self, name: str, do: Callable[[], str | None]) -> None:
        began = time.monotonic()
        seen = do()
        self.seconds[name] = round(time.monotonic() - began, 2)
        self.say(f"  {name:<24} {self.seconds[name]:6.1f} s" + (f"  {seen}" if seen else ""))


def first_day(say: Say, outcome: Path = OUTCOME) -> dict[str, Any]:
    """The figures, written too. Raises DemoFailedError, BrokenPromiseError, AuditError."""
    day = Day(say)
    with (
        tempfile.TemporaryDirectory(prefix="civis-demo-", ignore_cleanup_errors=True) as folder,
        lived_in(Path(folder) / "home", day) as world,
    ):
        result = walk(world, day)
    outcome.parent.mkdir(parents=True, exist_ok=True)
    outcome.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    say(f"Figures of this run: {outcome}")
    return result


def walk(world: World, day: Day) -> dict[str, Any]:
    """One deed and one loaf by hand, then the stranger, then every promise."""
    day.step("deed to tokens", lambda: _deed_to_tokens(world))
    day.step("pay and refund", lambda: _bread(world))
    day.step("pay-out", lambda: _pay_out(world))
    day.step("audit", lambda: f"{len(audited(world).checks)} checks of the register agree")
    day.step("altered figure", lambda: alter_and_restore(world))
    day.step("reversals", lambda: reverse_seven(world))
    world.say("Promises, each with the check that was just done:")
    kept = []
    for number, title, check in PROMISES:
        began = time.monotonic()
        seen = check(world)
        day.seconds[number] = round(time.monotonic() - began, 2)
        kept.append({"promise": number, "title": title, "check": seen})
        world.say(f"  {number:<4}{title}: {seen}.")
    day.step("last audit", lambda: f"{audited(world).figures_compared} figures agree")
    return {
        **measures(world), "seconds": day.seconds, "promises": kept, "audit": "ok"
    }  # fmt: skip


def _deed_to_tokens(world: World) -> str:
    """A clerk vouches for glass of the visitor's citizen; until it is final on the chain."""
    with world.parts.database.transaction() as session:
        now = world.now(session)
        planned = PlannedDeed(0, world.city.attesters[0].slug, "glass-recycling", 4200, now)
        action = Recorder(world).attest(session, planned)
    world.wait(
        "minting a deed's tokens",
        lambda session: session.get_one(type(action), action.id).state.value == "settled",
    )
    return f"{action.reward_cents / 100:.2f} tokens for 4.2 kg of glass, final on the chain"


def _bread(world: World) -> str:
    """The citizen pays the baker, who gives a part back; both are final."""
    with world.parts.database.session() as session:
        citizen = world.person(session, "citizen")
    payment_id = pay(world, Purchase(citizen, BREAD, None))
    refund(world, payment_id, BREAD // 4)
    world.wait("settling the bread", lambda session: _settled(session, payment_id))
    return f"{BREAD / 100:.2f} tokens at the bakery, {BREAD / 400:.2f} given back"


def _settled(session: Session, payment_id: UUID) -> bool:
    """The payment, and what was given back of it."""
    refunds = select(Refund).where(col(Refund.payment_id) == payment_id)
    paid = session.get_one(Payment, payment_id).state is PaymentState.SETTLED
    return paid and all(one.settled_at is not None for one in session.scalars(refunds))


def _pay_out(world: World) -> str:
    made = pay_out(world, f"demo-{Random().randrange(10**9)}")  # noqa: S311 - only a name
    if made is None:
        raise DemoFailedError("the bakery was owed nothing")
    return f"{made.net_cents / 100:.2f} € burned, in the bank's file, confirmed"


def _environ(home: Path) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if k not in _NOT_INHERITED}
    port = free_port()
    while (gateway := free_port()) == port:
        pass
    return {**clean, "CIVIS_HOME": str(home), "PORT": str(port), "GATEWAY_PORT": str(gateway)}


@contextmanager
def lived_in(home: Path, day: Day, command: Sequence[str] = ("run",)) -> Iterator[World]:
    """The world of a city that `civis run` made, or another command that starts it; ended after."""
    environ = _environ(home)
    with _running(environ, day, command):
        settings = Settings.from_env(environ)
        parts = connect(settings, name="civis demo")
        try:
            with parts.database.session() as session:
                plan = small_city() if settings.small_demo else whole_city()
                world = World(parts, founded_city(session, plan), day.say)
            yield world
            world.close()
        finally:
            parts.database.dispose()


@contextmanager
def _running(environ: dict[str, str], day: Day, command: Sequence[str]) -> Iterator[None]:
    """As anybody starts it, its lines passed on; ended with SIGTERM."""
    whole = [sys.executable, "-m", "app.cli", *command, "--end-with-parent"]
    with subprocess.Popen(
        whole, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            _relay_until_ready(process, day)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            if process.stdout is not None:
                process.stdout.read()


def _relay_until_ready(process: subprocess.Popen[str], day: Day) -> None:
    for line in process.stdout or ():
        if line.startswith("Civis is ready:"):
            return
        day.say(line.rstrip())
        if match := _STEP.match(line):
            day.seconds[match[1]] = float(match[2])
    raise DemoFailedError("the system ended before it was ready.")

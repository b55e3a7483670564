"""The whole system as `civis run` starts it, on a temporary home, for kills and browsers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app.config import Settings
from app.embedded.ports import free_port
from tests.support.processes import alive, descendants, eventually

ROOT = Path(__file__).parents[2]
START_SECONDS = 300


@dataclass
class System:
    """A running `civis run`. Parts have the names of their files under home/run."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    output: Path
    extra: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def settings(self) -> Settings:
        """Where database and node are now."""
        return Settings.from_env(self.environ())

    def environ(self) -> dict[str, str]:
        """For commands that should find this system."""
        clean = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "CHAIN_RPC_URLS"}}
        return {**clean, "CIVIS_HOME": str(self.home), "PORT": str(self.port), **self.extra}

    def pid(self, part: str) -> int:
        """The process id of a part, of its newest start."""
        return int((self.home / "run" / f"{part}.pid").read_text(encoding="ascii"))

    def kill(self, part: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Signals a part's own process; returns its id. The supervisor starts it again."""
        pid = self.pid(part)
        os.kill(pid, number)
        return pid

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")


@contextmanager
def running_system(home: Path, **environ: str) -> Iterator[System]:
    """Returns when it says that it is ready. Fails with what it said when it ends before."""
    system = start_system(home, **environ)
    try:
        wait_ready(system)
        yield system
    finally:
        end_system(system)


def start_system(home: Path, *options: str, **environ: str) -> System:
    """Starts it and doesn't wait. CIVIS_DEMO="0" leaves the demo city out."""
    home.parent.mkdir(parents=True, exist_ok=True)
    output = home.parent / "civis-run.log"
    extra = {"GATEWAY_PORT": str(free_port()), **environ}  # the port beside ours may be taken
    system = System(home, free_port(), None, output, extra)  # type: ignore[arg-type]
    launch(system, *options)
    return system


def launch(system: System, *options: str) -> None:
    """On the same home and ports as before, if it ran before; doesn't wait."""
    with system.output.open("wb") as log:
        system.process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "run", *options],
            cwd=ROOT,
            env=system.environ(),
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def killed_while_made(system: System) -> None:
    """SIGKILL of node, workers and database in the midst of making the demo city."""
    for after, part in (("programme", "anvil"), ("funding", "workers"), ("import", "postgres")):
        assert eventually(lambda: f"    {after} " in system.said(), START_SECONDS), system.said()  # noqa: B023
        killed = system.kill(part)
        assert eventually(lambda: system.pid(part) != killed), f"{part} did not come back"  # noqa: B023


@contextmanager
def standing_still(system: System) -> Iterator[None]:
    """Within, nobody brings back what is killed."""
    os.kill(system.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(system.process.pid, signal.SIGCONT)


def power_cut(system: System) -> None:
    """SIGKILL of everything at once, whoever started it."""
    below = descendants(system.process.pid)
    for pid in (system.process.pid, *below):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    system.process.wait(60)
    assert eventually(lambda: not any(map(alive, below)))


def wait_ready(system: System) -> None:
    deadline = time.monotonic() + START_SECONDS
    while "Civis is ready:" not in system.said():
        assert system.process.poll() is None, f"civis run ended: {system.said()[-3000:]}"
        assert time.monotonic() < deadline, f"civis run is not ready: {system.said()[-3000:]}"
        time.sleep(0.2)


def end_system(system: System) -> None:
    """SIGTERM; it must end by itself."""
    if system.process.poll() is None:
        system.process.send_signal(signal.SIGTERM)
        try:
            system.process.wait(60)
        except subprocess.TimeoutExpired:
            system.process.kill()
            raise

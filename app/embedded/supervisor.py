"""Starts parts side by side, restarts what dies, ends all in reverse order.

What was ready once is looked after from then on, also while others are still starting. A part
that keeps dying ends the whole with a sentence: a system that restarts for ever hides its fault.
Signals raise `Stopped` in the main thread, wherever it is, once.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.embedded.errors import EmbeddedError
from app.embedded.process import Identity, spawn

TOO_OFTEN = 5  # deaths in a row, each within STABLE_SECONDS of its start
STABLE_SECONDS = 60.0
LONGEST_PAUSE = 8.0
LOG_LIMIT = 10_000_000  # bytes; a larger log is put aside when its part starts
_POLL = 0.1


class Stopped(BaseException):
    """SIGINT or SIGTERM arrived."""


@dataclass(frozen=True)
class Part:
    """A process of the system. `command` is asked anew at each start, so it may repair first.

    With `once` it has an end, which is when it is ready; what it says, the person at the terminal
    hears. If it fails it begins again, but not often.
    """

    name: str
    command: Callable[[], Sequence[str]]
    ready: Callable[[], bool] = lambda: True
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    identity: Identity | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGTERM  # it gets this if the supervisor is killed
    start_seconds: float = 120.0  # a loaded machine is no failure
    grace_seconds: float = 10.0
    once: bool = False


def _quiet(_name: str, _said: float | str) -> None:
    pass


@dataclass
class _Child:
    part: Part
    process: subprocess.Popen[bytes]
    started: float
    ready: bool = False
    deaths: int = 0
    again_at: float | None = None  # dead until then


class Supervisor:
    """All parts of one home. Use from the main thread only.

    `on_restart` gets the name of what was started again, and how it had ended.
    """

    def __init__(self, home: Path, on_restart: Callable[[str, str], None] = _quiet) -> None:
        self.home, self._on_restart = home, on_restart
        self._children: list[_Child] = []

    def start(self, *parts: Part, on_ready: Callable[[str, float], None] = _quiet) -> None:
        """Returns when all are ready; `on_ready` gets each one's name and how long it took.

        Raises EmbeddedError when one dies before it is ready or takes too long.
        """
        begun = time.monotonic()
        waiting = [_Child(part, self._spawn(part), time.monotonic()) for part in parts]
        self._children += waiting
        while waiting:
            for child in waiting.copy():
                if self._arrived(child):
                    waiting.remove(child)
                    on_ready(child.part.name, time.monotonic() - begun)
            self._look_after_all()
            if waiting:
                time.sleep(_POLL)

    def pid(self, name: str) -> int:
        """The process id of a running part."""
        return next(one.process.pid for one in self._children if one.part.name == name)

    def log(self, name: str) -> Path:
        return self.home / "log" / f"{name}.log"

    def watch(self) -> None:
        """Restarts what dies until a signal comes. Raises Stopped, or EmbeddedError."""
        while True:
            self._look_after_all()
            time.sleep(_POLL)

    def stop(self) -> None:
        """Ends all parts, the last started first; each has its grace, then SIGKILL."""
        while self._children:
            child = self._children.pop()
            _end(child)
            self._pid_file(child.part.name).unlink(missing_ok=True)

    def _arrived(self, child: _Child) -> bool:
        """Whether it is ready. Raises EmbeddedError when it will not be."""
        part = child.part
        if part.once:
            return child.ready  # by its end, see below
        child.ready = part.ready()
        if child.ready:
            return True
        if child.process.poll() is not None:
            raise EmbeddedError(self._obituary(child))
        if time.monotonic() > child.started + part.start_seconds:
            raise EmbeddedError(
                f"{part.name} was not ready after {part.start_seconds:.0f} s: "
                f"see {self.log(part.name)}."
            )
        return False

    def _look_after_all(self) -> None:
        for child in self._children:
            if child.ready != child.part.once:  # it runs on, or has yet to come to its end
                self._look_after(child)

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.again_at is not None:
            if now >= child.again_at:
                ended = self._obituary(child)
                child.process, child.started = self._spawn(child.part), now
                child.again_at = None
                self._on_restart(child.part.name, ended)
        elif (code := child.process.poll()) is not None:
            if child.part.once and code == 0:
                child.ready = True
                return
            _signal_group(child, signal.SIGKILL)  # what it left behind
            stable = now - child.started > STABLE_SECONDS and not child.part.once
            child.deaths = 1 if stable else child.deaths + 1
            if child.deaths >= TOO_OFTEN:
                raise EmbeddedError(self._obituary(child))
            child.again_at = now + min(0.25 * 2**child.deaths, LONGEST_PAUSE)

    def _spawn(self, part: Part) -> subprocess.Popen[bytes]:
        log = self.log(part.name)
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            process = spawn(
                part.command(),
                environ=part.environ,
                output=output,
                folder=self.home,
                identity=part.identity,
                death_signal=part.death_signal,
                aloud=part.once,
            )
        pid_file = self._pid_file(part.name)
        pid_file.parent.mkdir(mode=0o700, exist_ok=True)
        draft = pid_file.with_suffix(".draft")  # whoever reads it never finds it half written
        draft.write_text(str(process.pid), encoding="ascii")
        draft.replace(pid_file)
        return process

    def _pid_file(self, name: str) -> Path:
        return self.home / "run" / f"{name}.pid"

    def _obituary(self, child: _Child) -> str:
        code, log = child.process.returncode, self.log(child.part.name)
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        last = next((line.strip() for line in reversed(lines) if line.strip()), "nothing logged")
        return f"{child.part.name} ended ({how}): {last[-300:]} See {log}."


def _end(child: _Child) -> None:
    if child.process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            # SIGCONT: a part that stands still under SIGSTOP would not hear the other one.
            os.kill(child.process.pid, signal.SIGCONT)
            os.kill(child.process.pid, child.part.stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(child.part.grace_seconds)
    _signal_group(child, signal.SIGKILL)
    child.process.wait()


def _signal_group(child: _Child, number: signal.Signals) -> None:
    """To the part and all that it started and did not detach."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.process.pid, number)


@contextlib.contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Within, the first SIGINT or SIGTERM raises Stopped; later ones are ignored."""

    def stop(_number: int, _frame: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def ignoring_signals() -> Iterator[None]:
    """Within, SIGINT and SIGTERM do nothing: what is being ended is ended whole."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

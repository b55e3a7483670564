"""Parts start in order, come back when they die, and never outlive their supervisor."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.embedded import supervisor as module
from app.embedded.errors import EmbeddedError
from app.embedded.home import locked_home
from app.embedded.ports import free_port
from app.embedded.supervisor import Part, Stopped, Supervisor
from tests.support.processes import alive, eventually
from tests.support.system import ROOT

SLEEP = "import time; time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "

WITH_TWO_PARTS = f"""
import os, signal, sys, time
from pathlib import Path
from app.embedded.supervisor import Part, Supervisor, stopping_on_signals, Stopped

supervisor = Supervisor(Path(sys.argv[1]))
with stopping_on_signals():
    try:
        for name in ("first", "second"):
            supervisor.start(Part(name, lambda: [sys.executable, "-c", {SLEEP!r}]))
        print(supervisor.pid("first"), supervisor.pid("second"), flush=True)
        supervisor.watch()
    except Stopped:
        supervisor.stop()
"""


def python(name: str, code: str, **options: object) -> Part:
    return Part(name, lambda: [sys.executable, "-c", code], **options)  # type: ignore[arg-type]


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    one = Supervisor(tmp_path)
    yield one
    one.stop()


def watch_until(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, goal: object) -> None:
    """Runs `watch` until the goal is reached."""
    assert callable(goal)
    rounds = iter(range(600))

    def look(_seconds: float) -> None:
        if goal():
            raise Stopped
        assert next(rounds, None) is not None, "not reached"
        real(0.02)

    real = time.sleep
    monkeypatch.setattr("app.embedded.supervisor.time.sleep", look)
    with pytest.raises(Stopped):
        supervisor.watch()
    monkeypatch.undo()


def test_a_part_that_died_comes_back_under_a_new_number(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor.start(python("worker", SLEEP))
    first = supervisor.pid("worker")
    os.kill(first, signal.SIGKILL)
    watch_until(supervisor, monkeypatch, lambda: supervisor.pid("worker") != first)
    assert alive(supervisor.pid("worker"))
    pid_file = supervisor.home / "run" / "worker.pid"
    assert pid_file.read_text(encoding="ascii") == str(supervisor.pid("worker"))


def once(name: str, code: str) -> Part:
    return python(name, code, once=True)


def test_what_dies_while_others_are_starting_comes_back(supervisor: Supervisor) -> None:
    supervisor.start(python("signer", SLEEP))
    first = supervisor.pid("signer")
    os.kill(first, signal.SIGKILL)
    new_number = (
        "import pathlib, time\nwhile pathlib.Path({!r}).read_text() == {!r}: time.sleep(0.02)"
    )
    pid_file = supervisor.home / "run" / "signer.pid"
    supervisor.start(once("city", new_number.format(str(pid_file), str(first))))
    assert alive(supervisor.pid("signer"))


def test_a_part_with_an_end_begins_again_until_it_comes_to_it(
    supervisor: Supervisor, capfd: pytest.CaptureFixture[str]
) -> None:
    code = "import os, sys\nnotes = open('tries', 'a+')\nnotes.write('x')\nnotes.flush()\n"
    supervisor.start(once("city", code + "sys.exit(os.path.getsize('tries') < 2)"))
    ended = supervisor.pid("city")
    supervisor.start(once("other", "print('half a city')"))
    assert capfd.readouterr() == ("", "half a city\n"), "what it says is no answer of ours"
    assert supervisor.pid("city") == ended, "its end is no death"
    assert (supervisor.home / "tries").read_text(encoding="ascii") == "xx"


def test_a_part_that_never_comes_to_its_end_ends_the_start(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.01)
    with pytest.raises(EmbeddedError, match=r"city ended \(exit code 1\): no programme"):
        supervisor.start(once("city", "raise SystemExit('no programme')"))


def test_a_part_that_keeps_dying_ends_the_whole_with_its_last_words(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.01)
    supervisor.start(python("worker", "raise SystemExit('the disk is full')"))
    with pytest.raises(EmbeddedError, match=r"worker ended \(exit code 1\): the disk is full"):
        supervisor.watch()


def test_a_part_that_dies_before_it_is_ready_ends_the_start(supervisor: Supervisor) -> None:
    with pytest.raises(EmbeddedError, match=r"web ended .* no such module"):
        supervisor.start(python("web", "raise SystemExit('no such module')", ready=lambda: False))


def test_a_part_that_is_never_ready_is_not_waited_for_for_ever(supervisor: Supervisor) -> None:
    part = python("web", SLEEP, ready=lambda: False, start_seconds=0.2)
    with pytest.raises(EmbeddedError, match="web was not ready"):
        supervisor.start(part)


def test_the_last_started_ends_first_and_nobody_stays(supervisor: Supervisor) -> None:
    ended = "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit("
    note = "open('ended', 'a').write({!r}) and 0))\nopen({!r}, 'w')\ntime.sleep(600)"
    for name in ("database", "web"):
        mark = supervisor.home / f"{name}.up"
        part = python(name, ended + note.format(name + " ", str(mark)), ready=mark.exists)
        supervisor.start(part)
    supervisor.stop()
    assert (supervisor.home / "ended").read_text(encoding="ascii") == "web database "


@pytest.mark.parametrize("state", ["deaf", "stopped"])
def test_a_part_that_does_not_listen_is_ended_all_the_same(
    supervisor: Supervisor, state: str
) -> None:
    supervisor.start(python("deaf", STUBBORN + SLEEP, grace_seconds=0.2))
    pid = supervisor.pid("deaf")
    if state == "stopped":
        os.kill(pid, signal.SIGSTOP)
    supervisor.stop()
    assert not alive(pid)


@pytest.mark.kill
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_however_the_supervisor_ends_its_parts_end_with_it(
    tmp_path: Path, number: signal.Signals
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WITH_TWO_PARTS, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        pids = [int(word) for word in process.stdout.readline().split()]
        assert all(map(alive, pids))
        process.send_signal(number)
    assert process.returncode == (-number if number == signal.SIGKILL else 0)
    assert eventually(lambda: not any(map(alive, pids)))


def test_a_home_has_one_run_at_a_time(tmp_path: Path) -> None:
    with (
        locked_home(tmp_path / "home"),
        pytest.raises(EmbeddedError, match="already runs in"),
        locked_home(tmp_path / "home"),
    ):
        pass
    with locked_home(tmp_path / "home"):  # and is free again afterwards
        pass


def civis_run(home: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "run"],
        cwd=ROOT,
        env={**os.environ, "CIVIS_HOME": str(home), **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_port_in_use_is_one_sentence_with_a_remedy(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = civis_run(tmp_path / "home", PORT=str(port))
    assert done.returncode == 1
    assert done.stderr.startswith(f"civis: Port {port} is in use")
    assert "make run PORT=" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"PORT": "eighty"}, "PORT is 'eighty'"),
        ({"DATABASE_URL": "postgresql://a:b@c/d"}, "PUBLIC_URL"),
        (
            {
                "DATABASE_URL": "postgresql://a:b@c/d",
                "CHAIN_RPC_URLS": "http://c",
                "PUBLIC_URL": "https://civis.example",
            },
            "unset DATABASE_URL",
        ),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    tmp_path: Path, environ: dict[str, str], said: str
) -> None:
    done = civis_run(tmp_path / "home", **{"PORT": str(free_port()), **environ})
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_data_folder_ends_the_start_with_a_remedy(tmp_path: Path) -> None:
    data = tmp_path / "home" / "postgres" / "data"
    data.mkdir(parents=True)
    done = civis_run(tmp_path / "home", PORT=str(free_port()))
    assert done.returncode == 1
    assert "is broken: put a backup in its place, or move it away" in done.stderr
    assert "Traceback" not in done.stderr

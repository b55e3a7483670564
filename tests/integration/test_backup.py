"""Real base backups of the embedded server, its archived log, and the copies apart from it."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.backup.making import KeysKept, add_to, back_up_database, back_up_keys
from app.backup.putting_back import put_back
from app.cli import civis
from app.config import DatabaseRole
from app.embedded.archiving import archiving
from app.embedded.errors import EmbeddedError
from app.embedded.home import locked_home
from app.embedded.postgres import Postgres
from app.embedded.supervisor import Supervisor
from app.keyfiles import write_private
from app.migrations import upgrade
from app.privacy.keys import Keyring
from tests.conftest import temporary_home
from tests.support.processes import eventually

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def home() -> Iterator[Path]:
    with temporary_home() as home:
        yield home


def _rows(postgres: Postgres) -> set[str]:
    with postgres.connect("civis") as connection:
        return {row[0] for row in connection.execute("select name from lease").fetchall()}


def _write(postgres: Postgres, name: str) -> None:
    with postgres.connect("civis") as connection:
        connection.execute("insert into lease values (%s, 'x', 1, now())", [name])


def _archived(postgres: Postgres, archive: Path) -> None:
    """Until what was written lies in the archive: the segment is closed and waited for."""
    with postgres.connect("civis") as connection:
        row = connection.execute("select pg_walfile_name(pg_switch_wal())").fetchone()
    assert row is not None
    assert eventually((archive / row[0]).exists), row[0]


def _start(supervisor: Supervisor, home: Path, archive: Path) -> Postgres:
    postgres = Postgres(home, archive=archive)
    postgres.prepare()
    supervisor.start(postgres.part())
    postgres.set_up()
    return postgres


@pytest.mark.kill
def test_what_was_accepted_up_to_the_last_archived_log_is_there_again(home: Path) -> None:
    archive, backups = home.parent / "it's archive", home.parent / "backups"
    supervisor = Supervisor(home)
    with locked_home(home):
        try:
            postgres = _start(supervisor, home, archive)
            upgrade(postgres.url(DatabaseRole.MIGRATOR))
            _write(postgres, "before")
            made = back_up_database(home, postgres.port, backups, NOW, archive)
            _write(postgres, "after")
            _archived(postgres, archive)
            _write(postgres, "too late")
            os.kill(supervisor.pid("postgres"), signal.SIGKILL)
        finally:
            supervisor.stop()
    _cut_short(home, Path(made.database), archive)
    shutil.rmtree(postgres.data)
    replayed = put_back(home, Path(made.database), archive)
    assert replayed.last_commit is not None
    with locked_home(home):
        try:
            postgres = _start(supervisor, home, archive)
            assert _rows(postgres) == {"before", "after"}
            assert _shut(postgres) == [(made.label, replayed.log_end, True)]
            _write(postgres, "again")
            _archived(postgres, archive)
        finally:
            supervisor.stop()
    _to_the_instant_of_the_backup(home, Path(made.database), archive)
    _broken_is_refused(home, Path(made.database))


def _cut_short(home: Path, backup: Path, archive: Path) -> None:
    """Wherever it ends, nothing starts before it was done again; no city is made anew."""
    data, rename = home / "postgres" / "data", Path.rename

    def stop(moved: str) -> Callable[[Path, Path], Path]:
        def until(self: Path, target: Path) -> Path:
            if self.name == moved and target.parent == data.parent:
                raise KeyboardInterrupt(moved)
            return rename(self, target)

        return until

    for moved, there in (("data", True), ("restoring", False)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Path, "rename", stop(moved))
            with pytest.raises(KeyboardInterrupt):
                put_back(home, backup, archive)
        assert data.exists() is there
        with pytest.raises(EmbeddedError, match="cut short"):
            Postgres(home).prepare()
    shutil.rmtree(data.parent / "restoring")
    [lost] = data.parent.glob("lost-*")
    with pytest.raises(EmbeddedError, match=lost.name):
        Postgres(home).prepare()
    assert not data.exists()
    lost.rename(data)
    Postgres(home).prepare()


def _to_the_instant_of_the_backup(home: Path, backup: Path, archive: Path) -> None:
    """The archive holds more of the old log than is put back, and goes on being written."""
    put_back(home, backup, archive, to_the_end=False)
    supervisor = Supervisor(home)
    with locked_home(home):
        try:
            postgres = _start(supervisor, home, archive)
            assert _rows(postgres) == {"before"}
            _write(postgres, "otherwise")
            _archived(postgres, archive)
        finally:
            supervisor.stop()


def _shut(postgres: Postgres) -> list[tuple[str, str, bool]]:
    with postgres.connect("civis") as connection:
        return connection.execute("select source, log_end, shut from restoration").fetchall()


def _broken_is_refused(home: Path, backup: Path) -> None:
    """A backup that is not whole is not put in anything's place."""
    base = backup / "database" / "base.tar.gz"
    base.write_bytes(base.read_bytes()[:-2000])
    with pytest.raises(EmbeddedError, match="pg_verifybackup"):
        put_back(home, backup, None)
    assert (home / "postgres" / "data" / "PG_VERSION").exists()
    with pytest.raises(EmbeddedError, match="no backup"):
        put_back(home, backup.parent, None)


def test_a_segment_that_is_archived_is_never_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "50% of it's log"
    folder.mkdir()
    segment = tmp_path / "segment"
    segment.write_text("first")
    command = archiving(folder)["archive_command"]
    shell = command.replace("%%", "\0").replace("%p", str(segment)).replace("%f", "0001")
    shell = shell.replace("\0", "%")
    assert os.system(shell) == 0  # noqa: S605 - as PostgreSQL runs it
    assert os.system(shell) == 0, "the same segment again is no trouble"  # noqa: S605
    segment.write_text("other")
    assert os.system(shell) != 0  # noqa: S605
    assert (folder / "0001").read_text() == "first"
    assert [one.name for one in folder.iterdir()] == ["0001"]


def test_a_destroyed_key_is_destroyed_in_its_copy_too(home: Path, tmp_path: Path) -> None:
    (home / "keys").mkdir(parents=True)
    keyring = Keyring(home)
    old = keyring.current_epoch(NOW - timedelta(days=60))
    keyring.current_epoch(NOW)
    assert back_up_keys(home, tmp_path / "copy", ()) == KeysKept(3, ())
    copy = tmp_path / "copy" / "keys" / f"kek-{old}"
    before = copy.read_text()
    with copy.open("rb") as watched:
        keyring.destroy_epoch(old)
        destroyed = (f"keys/kek-{old}", f"keys/kek-{NOW:%Y-%m}")  # which is there all the same
        assert back_up_keys(home, tmp_path / "copy", destroyed) == KeysKept(2, ())
        assert watched.read().decode("latin-1") != before, "overwritten, not only unlinked"
    assert not copy.exists()
    assert (tmp_path / "copy" / "keys" / f"kek-{NOW:%Y-%m}").exists()
    assert all(one.stat().st_mode & 0o077 == 0 for one in (tmp_path / "copy/keys").iterdir())


def test_what_is_only_missing_stays_in_the_copy(home: Path, tmp_path: Path) -> None:
    """A folder that isn't mounted, a lost file, and whatever else lies in the target."""
    copy = tmp_path / "copy"
    for file in ("keys/master", "keys/kek-2026-11", "signer/keys/minter"):
        write_private(home / file, file)
    write_private(copy / "elsewhere", "not ours")
    write_private(copy / "keys" / ".master.cut", "short")
    assert back_up_keys(home, copy, ()) == KeysKept(3, ())
    shutil.rmtree(home / "keys")
    (home / "signer" / "keys" / "minter").unlink()
    environ = {"CIVIS_HOME": str(home)}
    told = CliRunner().invoke(civis, ["backup", "--keys-to", str(copy), "--json"], env=environ)
    assert json.loads(told.stdout) == {"keys": 0}
    assert "keys/kek-2026-11, keys/master, signer/keys/minter" in str(told.exception)
    left = {str(one.relative_to(copy)) for one in copy.rglob("*") if one.is_file()}
    assert left == {"elsewhere", "keys/master", "keys/kek-2026-11", "signer/keys/minter"}


def test_artefacts_are_added_and_never_taken_away(tmp_path: Path) -> None:
    source, target = tmp_path / "from", tmp_path / "to"
    (source / "transactions").mkdir(parents=True)
    (source / "transactions" / "1.json").write_text("{}")
    (source / "2026-11.jsonl").write_text("one\n")
    assert add_to(source, target) == 2
    (source / "transactions" / "1.json").unlink()
    (source / "2026-11.jsonl").write_text("one\ntwo\n")
    assert add_to(source, target) == 1
    assert (target / "transactions" / "1.json").exists()
    assert (target / "2026-11.jsonl").read_text() == "one\ntwo\n"


def test_the_three_are_kept_apart(tmp_path: Path) -> None:
    environ = {"CIVIS_HOME": str(tmp_path / "home")}
    asked = ["backup", "--to", str(tmp_path / "a"), "--keys-to", str(tmp_path / "a" / "keys")]
    refused = CliRunner().invoke(civis, asked, env=environ)
    assert "keep the three apart" in str(refused.exception)
    nothing = CliRunner().invoke(civis, ["backup"], env=environ)
    assert "Say where to" in str(nothing.exception)
    done = ["backup", "--artefacts-to", str(tmp_path / "c"), "--json"]
    told = CliRunner().invoke(civis, done, env=environ)
    assert json.loads(told.output) == {"artefacts": 0, "journal": 0, "record": False}
    record = tmp_path / "home" / "chain" / "deployment.json"
    for content in ('{"others": [1]}', "{}"):  # as it is now, not as it was longest
        write_private(record, content)
        told = CliRunner().invoke(civis, done, env=environ)
        assert json.loads(told.output)["record"] is True
        assert (tmp_path / "c" / "deployment.json").read_text() == content

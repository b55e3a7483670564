"""`civis access-log`: a mandated auditor's check, and going on after a backup was restored."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

import click

from app.as_json import AS_JSON, answer
from app.chain.deploying.role_keys import signer_home
from app.chain.signatures import checksum
from app.config import ConfigError, DatabaseRole, Settings
from app.errors import Problem
from app.impact.leaf import day_of
from app.keyfiles import write_private
from app.reporting.access.checking import LogReport, check_log, in_words
from app.reporting.access.entries import last_seal, stated
from app.reporting.access.roots import roots_on_chain
from app.reporting.audit.node import CannotCheckError, Node
from app.services import Services, connect


@click.group()
def command() -> None:
    """The log of who looked at whose data: check its seals."""


@command.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The seals of this day (UTC) only.")
@click.option("--rpc", help="JSON-RPC address: asks whether the chain holds the days' roots.")
@click.option("--sealer", help="The address that signs seals, if not what the local signer says.")
@AS_JSON
def check(*, day: datetime | None, rpc: str | None, sealer: str | None, as_json: bool) -> None:
    """Compare seals, signatures and entries. Exit 0 agrees, 1 doesn't, 2 can't be checked.

    Needs DATABASE_URL_AUDITOR; what was read of whom stays unreadable.
    """
    parts = connect(Settings.from_env(os.environ), role=DatabaseRole.AUDITOR, name="civis-audit")
    number = day_of(day.replace(tzinfo=UTC)) if day else None
    try:
        report = _checked(parts, number, rpc, _sealer(parts, sealer))
    except CannotCheckError as error:
        answer({"reason": str(error)}, f"Could not check: {error}", as_json=as_json)
        raise SystemExit(2) from error
    finally:
        parts.database.dispose()
    answer(report.to_json(), *in_words(report), as_json=as_json)
    raise SystemExit(1 if report.faults else 0)


def _sealer(parts: Services, given: str | None) -> str:
    try:
        return checksum(given) if given else parts.signer.address_of("sealer")
    except (Problem, ValueError) as error:
        raise ConfigError("Name the address that signs seals by --sealer.") from error


def _checked(parts: Services, day: int | None, rpc: str | None, sealer: str) -> LogReport:
    with parts.database.session() as session:
        now = datetime.now(UTC)  # the log's times are never in a demo's moved time
        if rpc is None:
            return check_log(session, sealer=sealer, now=now, day=day)
        with Node(rpc) as node:
            roots = roots_on_chain(node, _deployment(parts.settings)["anchor"])
            return check_log(session, sealer=sealer, now=now, day=day, root_of_day=roots)


def _deployment(settings: Settings) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(settings.deployment_file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise CannotCheckError(f"{settings.deployment_file} is missing") from error
    return found


@command.command()
@click.option("--yes", is_flag=True, help="Seals later than the database's last are given up.")
@AS_JSON
def resume(*, yes: bool, as_json: bool) -> None:
    """After a backup was restored: let the signer go on after the last signed seal.

    Run as the signer's user, with DATABASE_URL_LOG, before `civis restore open`, or while the
    signer refuses to seal: it may run, and reads where to go on each time. The days whose root the
    chain holds already will not agree for what the backup had lost, and say so for ever.
    """
    if not yes:
        raise ConfigError("Seals later than the database's last would be given up: say --yes.")
    settings = Settings.from_env(os.environ)
    parts = connect(settings, role=DatabaseRole.LOG, name="civis-access-log")
    with parts.database.session() as session:
        row = last_seal(session, signed=True)
    parts.database.dispose()
    path = signer_home(settings.home) / "log_seal.json"
    if row is None:
        path.unlink(missing_ok=True)
    else:
        seal = {"number": row.number, "digest": stated(row).digest().hex()}
        write_private(path, json.dumps(seal))
    last = row.number if row else 0
    answer({"last_seal": last}, f"The signer goes on after seal {last}.", as_json=as_json)

"""`civis export all`: the archive of public figures, as a folder that needs no server."""

from __future__ import annotations

import os
from pathlib import Path

import click

from app.as_json import AS_JSON, answer
from app.config import ConfigError, Settings
from app.impact.catalogue import catalogue
from app.reporting.archive import failures, write_archive
from app.reporting.audit.node import CannotCheckError
from app.reporting.audit.run import AGREES, DIFFERS, audit_archive
from app.services import connect


@click.group()
def command() -> None:
    """What the public may take away."""


@command.command("all")
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder that does not exist yet, or is empty.",
)
@click.option("--rpc", help="JSON-RPC address, if not the first of CHAIN_RPC_URLS.")
@AS_JSON
def everything(*, folder: Path, rpc: str | None, as_json: bool) -> None:
    """Write every public figure, rule set and transfer, with the chain's answers behind them.

    `civis audit --archive FOLDER` checks it, anywhere and at any time. Exit 1: it is written, and
    that audit finds differences.
    """
    settings = Settings.from_env(os.environ)
    parts = connect(settings, name="civis export")
    node = rpc or settings.chain_rpc_urls[0]
    try:
        with parts.database.session() as session:
            deployment = settings.deployment_file
            headers = settings.chain_rpc_tokens.headers(node)
            name = write_archive(session, catalogue(), deployment, node, folder, headers=headers)
    except (CannotCheckError, FileExistsError, FileNotFoundError) as error:
        raise ConfigError(f"No archive was written: {error}.") from error
    finally:
        parts.database.dispose()
    found = failures(audit_archive(folder))
    said = {"folder": str(folder), "archive": name, "differences": found}
    publish = "Publish this name; `civis audit --archive` prints the same."
    answer(said, f"{folder}: archive {name}", publish, as_json=as_json)
    for one in found:
        click.echo(f"The audit of it differs: {one}", err=True)
    raise SystemExit(DIFFERS if found else AGREES)

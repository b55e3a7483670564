"""`civis …`: one table of commands, each in its package and imported only when it is called.

A package offers a click command by the name given here. Expected failures are one sentence on
standard error and exit code 1; anything else is a defect and shows its traceback.
"""

from __future__ import annotations

import sys
from importlib import import_module

import click
from click import Command, Context, Group

from app import telemetry
from app.config import ConfigError
from app.embedded.errors import EmbeddedError
from app.keyfiles import KeyFileError

COMMANDS = {
    "access-log": "app.reporting.access.command:command",
    "appoint": "app.governance.appoint_command:command",
    "audit": "app.reporting.audit.command:command",
    "backup": "app.backup.backup_command:command",
    "decide": "app.chain.deploying.decide_command:command",
    "demo": "app.demo.command:demo",
    "deploy": "app.chain.deploying.deploy_command:command",
    "doctor": "app.network.doctor:command",
    "export": "app.reporting.archive_command:command",
    "impact": "app.reporting.impact_command:command",
    "import": "app.actions.imports.command:command",
    "index": "app.reporting.index_command:command",
    "keys": "app.rights.keys_command:command",
    "migrate": "app.migrations.cli:migrate",
    "network": "app.network.command:network",
    "outbox": "app.outbox.command:command",
    "privacy": "app.rights.privacy_command:command",
    "programme": "app.rewards.command:command",
    "replace": "app.chain.deploying.replace_command:command",
    "restore": "app.backup.restore_command:command",
    "retention": "app.rights.retention_command:command",
    "retire": "app.merchants.retire_command:command",
    "run": "app.embedded.command:run",
    "seed": "app.demo.command:seed",
    "verify": "app.reporting.verify.command:command",
}
EXPECTED = (ConfigError, EmbeddedError, KeyFileError)


class Commands(Group):
    """Names come from the table, help texts from the commands themselves."""

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002 - click's
        return sorted(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:  # noqa: ARG002
        target = COMMANDS.get(cmd_name)
        if target is None:
            return None
        module, _, name = target.partition(":")
        command = getattr(import_module(module), name)
        if not isinstance(command, Command):
            raise TypeError(f"{target} is no command")
        return command


@click.group(cls=Commands)
@click.version_option(package_name="civis", message="%(version)s")
def civis() -> None:
    """What a city promises for what its citizens do, with figures a stranger can check."""
    telemetry.configure(level="WARNING", stream=sys.stderr)  # what a command says is its own


def main() -> None:
    """The program `civis`."""
    try:
        civis(prog_name="civis")
    except EXPECTED as error:
        click.echo(f"civis: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()

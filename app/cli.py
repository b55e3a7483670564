"""`civis …`: one table of commands, each in its package and imported only when it is called.

A package offers a click command by the name given here. Expected failures are one sentence on
standard error and exit code 1 (a command that is called wrongly: its usage, and 2); anything else
is a defect and shows its traceback.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click
from click import Command, Context, Group

from app import telemetry
from app.config import ConfigError
from app.embedded.errors import EmbeddedError
from app.keyfiles import KeyFileError

COMMANDS = {
    "access-log": (
        "app.reporting.access.command:command",
        "The log of who looked at whose data: check its seals.",
    ),
    "appoint": (
        "app.governance.appoint_command:command",
        "Appoint a city's first two officers or treasurers, while there is none of them.",
    ),
    "audit": (
        "app.reporting.audit.command:command",
        "Recompute every public figure from the chain.",
    ),
    "backup": (
        "app.backup.backup_command:command",
        "Back up a running embedded system, whole or in part.",
    ),
    "decide": (
        "app.chain.deploying.decide_command:command",
        "Show the decision in FILE and what comes next; with a member's key, do that.",
    ),
    "demo": (
        "app.demo.command:demo",
        "Walk a city's whole first day in a fresh temporary home; exit 0 only if the audit agrees.",
    ),
    "deploy": (
        "app.chain.deploying.deploy_command:command",
        "Deploy the contracts on the chain of CHAIN_RPC_URLS.",
    ),
    "doctor": (
        "app.network.doctor:command",
        "Look at the nodes of CHAIN_RPC_URLS.",
    ),
    "draft": (
        "app.chain.deploying.draft_command:command",
        "Write down a decision for the quorum: a ceiling, a limit, an acceptor.",
    ),
    "export": (
        "app.reporting.archive_command:command",
        "What the public may take away.",
    ),
    "impact": (
        "app.reporting.impact_command:command",
        "What deeds are worth, and what they would be worth by other factors.",
    ),
    "import": (
        "app.actions.imports.command:command",
        "Sign a partner's file of trips, hand it in, and tell what became of its rows.",
    ),
    "index": (
        "app.reporting.index_command:command",
        "Read the chain again from its first block, beside what was read as it grew.",
    ),
    "keys": (
        "app.rights.keys_command:command",
        "The keys that wrap people's data: who keeps them, and changing that while all runs.",
    ),
    "migrate": (
        "app.migrations.cli:migrate",
        "Bring the database to this version's tables; safe to repeat.",
    ),
    "network": (
        "app.network.command:network",
        "A network of several validators: on this machine to try it, or files for a real one.",
    ),
    "outbox": (
        "app.outbox.command:command",
        "Look at what must reach the chain, and let a row that stands still go on.",
    ),
    "pay-out": (
        "app.outbox.pay_out_command:command",
        "Shops that wait for their euros since their account lacks something.",
    ),
    "privacy": (
        "app.rights.privacy_command:command",
        "What is processed, of whom, why, and until when.",
    ),
    "programme": (
        "app.rewards.command:command",
        "Rule sets of programmes.",
    ),
    "replace": (
        "app.chain.deploying.replace_command:command",
        "Put another PaymentDesk or ActionRegistry in the place of the one in force.",
    ),
    "restore": (
        "app.backup.restore_command:command",
        "Put a backup in the database's place, bring it up to the chain, open the doors.",
    ),
    "retention": (
        "app.rights.retention_command:command",
        "Show what is due; nothing is deleted without --apply.",
    ),
    "retire": (
        "app.merchants.retire_command:command",
        "Write the decision that takes the right to pay from the desk at ADDRESS.",
    ),
    "run": (
        "app.embedded.command:run",
        "Start the whole system on this machine, with a demo city, until it is interrupted.",
    ),
    "seed": (
        "app.demo.command:seed",
        "Make the simulated city in a running demo, or what is missing of it.",
    ),
    "verify": (
        "app.reporting.verify.command:command",
        "Check a deed's receipt, a consent's receipt, or one's own slice of the access log.",
    ),
}
"""By name: where it is, and how its help begins, so that a list of all loads none."""
EXPECTED = (ConfigError, EmbeddedError, KeyFileError)


class Commands(Group):
    """Names come from the table; a command is loaded when it is called or asked for its help."""

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002 - click's
        return sorted(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        target = COMMANDS[cmd_name][0]
        module, _, name = target.partition(":")
        command = getattr(import_module(module), name)
        if not isinstance(command, Command):
            raise TypeError(f"{target} is no command")
        return command

    def invoke(self, ctx: Context) -> Any:
        """What a command raises in click's way is said as all else is."""
        try:
            return super().invoke(ctx)
        except click.UsageError:
            raise
        except click.ClickException as error:
            raise ConfigError(error.format_message()) from error

    def format_commands(self, ctx: Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in sorted(COMMANDS.items())])


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

"""Every command answers a program too: it takes `--json`, and in the one way."""

from __future__ import annotations

import click

from app.as_json import AS_JSON
from app.cli import COMMANDS, civis
from tests.support.commands import leaves


@click.group()
def example() -> None:
    pass


@example.command()
def without() -> None:
    pass


@example.command()
@click.option("--json", "as_json", is_flag=True, help="In another way.")
def its_own(*, as_json: bool) -> None:
    pass


@example.command("with")
@AS_JSON
def shared(*, as_json: bool) -> None:
    pass


def _lacking(group: click.Group) -> list[str]:
    return [name for name, one in leaves(group) if _known(shared)[0] not in _known(one)]


def _known(command: click.Command) -> list[dict[str, object]]:
    return [one.to_info_dict() for one in command.params]


def test_every_command_takes_json() -> None:
    assert _lacking(example) == ["its-own", "without"]
    assert {name.split()[0] for name, _ in leaves(civis)} == set(COMMANDS)
    assert _lacking(civis) == []

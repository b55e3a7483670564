"""The commands `civis programme simulate` and `civis programme hash`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import click

from app.as_json import AS_JSON, answer
from app.impact.catalogue import catalogue
from app.rewards.campaigns.faults import CampaignError
from app.rewards.campaigns.reading import read_file
from app.rewards.language.action import MissingOutsideError, Outside
from app.rewards.language.faults import InvalidRulesError
from app.rewards.trying.files import TIME_ZONE, hash_of, outside_of, rule_set
from app.rewards.trying.history import read
from app.rewards.trying.names import names_of
from app.rewards.trying.results import compared, result
from app.rewards.trying.simulation import Simulation
from app.rewards.trying.summary import summary
from app.rewards.trying.text import in_text

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
EXAMPLE = "proof_level=attested"


@dataclass(frozen=True)
class _Asked:
    """What is tried, and with what."""

    PLAIN: ClassVar = ("budget_cents", "citizen", "time_zone")

    outside: Outside
    budget_cents: int | None
    citizen: str | None
    time_zone: str


@click.command("simulate")
@click.argument("file", metavar="RULESET", type=_FILE)
@click.option("--history", type=_FILE, required=True, help="CSV, JSON lines or JSON of actions.")
@click.option("--against", type=_FILE, help="Another rule set, shown beside it.")
@click.option("--outside", type=_FILE, help="JSON: what rules name and don't hold.")
@click.option("--budget-cents", type=click.IntRange(0), help="What the programme has, at most.")
@click.option("--citizen", help="Explain each action of this citizen.")
@click.option("--assume", multiple=True, metavar="NAME=VALUE", help=f"As {EXAMPLE}, if not said.")
@click.option("--time-zone", default=TIME_ZONE, help="Of a rule set of version 1.")
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", help="Of sentences.")
@click.option("--summary", "as_summary", is_flag=True, help="A paragraph to paste.")
@AS_JSON
def simulate(file: Path, history: Path, against: Path | None, **said: Any) -> None:
    """Try a rule set on a history: cost, who gets how much, which rule bites.

    Actions are counted in the order of the file, and its columns stand in docs/rules.md. The same
    files give the same bytes.
    """
    files = [one for one in (file, against) if one is not None]
    try:
        wanted = _Asked(outside_of(said["outside"]), *(said[name] for name in _Asked.PLAIN))
        found = [_simulation(one, wanted) for one in files]
        _run(found, history, _assumed(said["assume"]))
    except CampaignError as error:
        raise click.ClickException(str(error)) from error
    _tell(found, [one.name for one in files], said)


def _tell(found: list[Simulation], titles: list[str], said: dict[str, Any]) -> None:
    language = said["language"]
    names = names_of(catalogue(), language)
    results = [result(one, language, names) for one in found]
    change = compared(*found) if len(found) > 1 else None
    if said["as_json"]:
        whole = {"results": results, "compared": change}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=1))
    elif said["as_summary"]:
        click.echo(summary(results[0], results[1] if change else None, change, language))
    else:
        for line in in_text(results, titles, change):
            click.echo(line)


@click.command("hash")
@click.argument("file", type=_FILE)
@AS_JSON
def rule_set_hash(*, file: Path, as_json: bool) -> None:
    """The hash of a rule set, as it stands on the chain.

    keccak256 of its canonical JSON (RFC 8785). A programme's page shows the one to compare it with.
    """
    try:
        found = hash_of(_read(file))
    except CampaignError as error:
        raise click.ClickException(str(error)) from error
    except InvalidRulesError as error:
        raise _invalid(file, error) from error
    digest = f"0x{found.hex()}"
    answer({"hash": digest}, digest, as_json=as_json)


def _read(file: Path) -> Any:
    try:
        return read_file(file)
    except CampaignError as error:
        raise error.placed(f"{file}: {error.path}") from error


def _simulation(file: Path, asked: _Asked) -> Simulation:
    try:
        rules = rule_set(file, asked.time_zone)
        return Simulation(
            rules, asked.outside, budget_cents=asked.budget_cents, citizen=asked.citizen
        )
    except CampaignError as error:
        raise error.placed(f"{file}: {error.path}") from error
    except InvalidRulesError as error:
        raise _invalid(file, error) from error
    except MissingOutsideError as error:
        where = f"{file}: {error.kind} {error.name}"
        raise CampaignError(where, "needed_outside", kind=error.kind) from error


def _run(found: list[Simulation], history: Path, assumed: dict[str, Any]) -> None:
    """Each action through each rule set; a bar on standard error where somebody looks at it."""
    size = history.stat().st_size
    try:
        with click.progressbar(length=size, label="Trying", file=sys.stderr) as bar:
            for action in read(history, bar.update, assumed):
                for one in found:
                    one.add(action)
    except CampaignError as error:
        raise error.placed(f"{history}: {error.path}") from error
    if not found[0].whole.actions:
        raise CampaignError(str(history), "no_action")


def _assumed(said: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in said:
        name, equals, value = one.partition("=")
        if not equals or not value:
            raise CampaignError(f"--assume {one}", "assumed", example=EXAMPLE)
        found[name] = value
    return found


def _invalid(file: Path, error: InvalidRulesError) -> click.ClickException:
    lines = "\n".join(f"  {fault.sentence('en')}" for fault in error.faults)
    return click.ClickException(f"{file}: the rule set can't be used:\n{lines}")

"""The commands `civis programme from-facts` and `check`: rule sets from facts, cases tried."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from app.rewards.campaigns.checking import Outcome, check
from app.rewards.campaigns.converting import convert
from app.rewards.campaigns.reading import CampaignError, read_file
from app.rewards.language.faults import InvalidRulesError
from app.rewards.language.loading import RuleSet, Vocabulary, load

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN = 5  # differences of a case; the rest are counted


@click.command("from-facts")
@click.argument("file", type=_FILE)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
def from_facts(file: Path, out: Path | None) -> None:
    """Turn the facts of a campaign into a rule set.

    FILE is JSON: rules in plain facts. The rule set keeps the source's ways (limits in turn,
    negative amounts), and goes to standard output unless --out names a file. Warnings, such as a
    step that is never reached, go to standard error.
    """
    rules = _rule_set(file, _facts(file))
    for caution in RuleSet(rules).cautions:
        click.echo(f"warning: {caution.sentence('en')}", err=True)
    text = json.dumps(rules, ensure_ascii=False, indent=1) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from error
    click.echo(f"{out}: written.")


@click.command("check")
@click.argument("files", metavar="FILE...", type=_FILE, nargs=-1, required=True)
@click.option("--rules", type=_FILE, help="Try this rule set in place of the facts' own.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcomes as JSON.")
def check_cases(files: tuple[Path, ...], rules: Path | None, as_json: bool) -> None:
    """Run the cases of a campaign through its rule set.

    Amounts, amounts before limits and listed counters are compared; a disputed case by what its
    rules give. Exits 1 when anything differs.
    """
    differing = 0
    for file in files:
        facts = _facts(file)
        rule_set = _rule_set(file, facts) if rules is None else _checked(rules, _facts(rules))
        outcomes = _outcomes(file, facts, rule_set)
        differing += sum(bool(one.differences) for one in outcomes)
        if as_json:
            cases = [asdict(one) for one in outcomes]
            click.echo(json.dumps({"file": str(file), "cases": cases}, ensure_ascii=False))
        else:
            _tell(file, outcomes)
    if differing:
        raise SystemExit(1)


def _facts(file: Path) -> Any:
    try:
        return read_file(file)
    except CampaignError as error:
        raise click.ClickException(f"{file}: {error}") from error


def _rule_set(file: Path, facts: Any) -> dict[str, Any]:
    try:
        return _checked(file, convert(facts))
    except CampaignError as error:
        raise click.ClickException(f"{file}: {error}") from error


def _checked(file: Path, rules: Any) -> dict[str, Any]:
    try:
        return load(rules, Vocabulary.anything()).data
    except InvalidRulesError as error:
        lines = "\n".join(f"  {fault.sentence('en')}" for fault in error.faults)
        raise click.ClickException(f"{file}: the rule set can't be used:\n{lines}") from error


def _outcomes(file: Path, facts: Any, rules: dict[str, Any]) -> list[Outcome]:
    try:
        found = list(check(facts, rules))
    except CampaignError as error:
        raise click.ClickException(f"{file}: {error}") from error
    if not found:
        raise click.ClickException(f"{file}: $.cases: there is no case to try; add one")
    return found


def _tell(file: Path, outcomes: list[Outcome]) -> None:
    for one in outcomes:
        word = "differs" if one.differences else "ok"
        note = ", disputed: by its rules" if one.disputed else ""
        click.echo(f"{word:<8} {one.part}: {one.name} ({_journeys(one.journeys)}{note})")
        for difference in one.differences[:_SHOWN]:
            click.echo(f"           {difference}")
        if (more := len(one.differences) - _SHOWN) > 0:
            click.echo(f"           and {more} more")
    same = sum(not one.differences for one in outcomes)
    journeys = sum(one.journeys for one in outcomes)
    click.echo(f"{file}: {same} of {len(outcomes)} cases as expected, {_journeys(journeys)}.")


def _journeys(count: int) -> str:
    return "1 journey" if count == 1 else f"{count} journeys"

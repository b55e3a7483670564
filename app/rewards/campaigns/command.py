"""The commands `civis programme from-facts` and `check`: rule sets from facts, cases tried."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from app.as_json import AS_JSON, answer
from app.rewards.campaigns.checking import check
from app.rewards.campaigns.converting import convert
from app.rewards.campaigns.faults import CampaignError
from app.rewards.campaigns.outcomes import Outcome
from app.rewards.campaigns.reading import read_file
from app.rewards.language.faults import InvalidRulesError
from app.rewards.language.loading import RuleSet, Vocabulary, load

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN = 5  # differences of a case; the rest are counted
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "differs": "differs",
        "disputed": ", disputed: by its rules",
        "more": "and {more} more",
        "whole": "{same} of {cases} cases as expected, {journeys}.",
        "colon": ": ",
        "one": "1 journey",
        "many": "{count} journeys",
    },
    "fr": {
        "differs": "diffère",
        "disputed": ", contesté\u00a0: selon ses règles",
        "more": "et {more} de plus",
        "whole": "{same} cas sur {cases} comme attendu, {journeys}.",
        "colon": "\u00a0: ",
        "one": "1 trajet",
        "many": "{count} trajets",
    },
}


@click.command("from-facts")
@click.argument("file", type=_FILE)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
@AS_JSON
def from_facts(*, file: Path, out: Path | None, as_json: bool) -> None:
    """Turn the facts of a campaign into a rule set.

    FILE is JSON: rules in plain facts. The rule set keeps the source's ways (limits in turn,
    negative amounts), and goes to standard output unless --out names a file; it is JSON either
    way, by --json on a line. Warnings, such as a step that is never reached, go to standard error.
    """
    rules = _rule_set(file, _facts(file))
    for caution in RuleSet(rules).cautions:
        click.echo(f"warning: {caution.sentence('en')}", err=True)
    text = json.dumps(rules, ensure_ascii=False, indent=1)
    if out is None:
        answer(rules, text, as_json=as_json)
        return
    try:
        out.write_text(f"{text}\n", "utf-8")
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from error
    answer({"file": str(out)}, f"{out}: written.", as_json=as_json)


@click.command("check")
@click.argument("files", metavar="FILE...", type=_FILE, nargs=-1, required=True)
@click.option("--rules", type=_FILE, help="Try this rule set in place of the facts' own.")
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", help="Of sentences.")
@AS_JSON
def check_cases(
    *, files: tuple[Path, ...], rules: Path | None, language: str, as_json: bool
) -> None:
    """Run the cases of a campaign through its rule set.

    Amounts, amounts before limits and listed counters are compared; a disputed case by what its
    rules give. Each difference is shown with what was expected, what came out, and why. Exits 1
    when anything differs or a file can't be used; the other files are tried all the same. By
    --json one document a file, a line each.
    """
    wrong = False
    for file in files:
        try:
            outcomes = _outcomes(file, rules)
        except click.ClickException as error:
            wrong = True
            click.echo(f"civis: {error.format_message()}", err=True)
            continue
        wrong = wrong or any(one.differences for one in outcomes)
        if as_json:
            cases = [one.to_json(language) for one in outcomes]
            click.echo(json.dumps({"file": str(file), "cases": cases}, ensure_ascii=False))
        else:
            _tell(file, outcomes, language)
    if wrong:
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


def _outcomes(file: Path, rules: Path | None) -> list[Outcome]:
    facts = _facts(file)
    rule_set = _rule_set(file, facts) if rules is None else _checked(rules, _facts(rules))
    try:
        found = list(check(facts, rule_set))
    except CampaignError as error:
        raise click.ClickException(f"{file}: {error}") from error
    if not found:
        raise click.ClickException(f"{file}: $.cases: there is no case to try; add one")
    return found


def _tell(file: Path, outcomes: list[Outcome], language: str) -> None:
    words = WORDS[language]
    for one in outcomes:
        word = words["differs"] if one.differences else "ok"
        note = words["disputed"] if one.disputed else ""
        click.echo(f"{word:<8} {one.part}: {one.name} ({_journeys(one.journeys, language)}{note})")
        explained: set[int | None] = set()
        for difference in one.differences[:_SHOWN]:
            click.echo(f"           {difference.sentence(language)}")
            if difference.journey not in explained:
                for line in difference.because(language):
                    click.echo(f"             {line}")
            explained.add(difference.journey)
        if (more := len(one.differences) - _SHOWN) > 0:
            click.echo(f"           {words['more'].format(more=more)}")
    same = sum(not one.differences for one in outcomes)
    journeys = _journeys(sum(one.journeys for one in outcomes), language)
    found = words["whole"].format(same=same, cases=len(outcomes), journeys=journeys)
    click.echo(f"{file}{words['colon']}{found}")


def _journeys(count: int, language: str) -> str:
    return str(WORDS[language]["one" if count == 1 else "many"]).format(count=count)

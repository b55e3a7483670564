"""The council's document: what stands between its marks is made from two simulated sources.

`make council` runs the small demo city, then this: the run's figures go to
docs/for-the-council/figures.json, the plan of the larger demo city to build/council-history.csv,
and both documents are filled anew. The plan is the same on any day, so a test makes it again.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click

from app.demo.city import whole_city
from app.demo.council_tables import Sources, tables
from app.demo.founding import FUNDED_CENTS
from app.impact.catalogue import Catalogue, catalogue
from app.rewards.language.action import Outside
from app.rewards.programmes import NewProgramme
from app.rewards.rule_sets.safe_rules import safe_rules
from app.rewards.trying.files import understood
from app.rewards.trying.history import read
from app.rewards.trying.simulation import Simulation

FOLDER = Path("docs/for-the-council")
RUN, HISTORY = Path("build/demo.json"), Path("build/council-history.csv")
DOCUMENTS = {"fr": "conseil.md", "en": "council.md"}
LAST_DAY = date(2026, 9, 1)  # of the plan, so that it is the same whenever it is made
KEPT = ("simulated", "actions", "tokens_cents", "metrics", "chain", "audit")
_COLUMNS = ("at", "recorded_at", "citizen", "attester", "action_type", "quantity", "unit",
            "proof_level", "identity_level")  # fmt: skip
_PART = re.compile(r"(<!-- made: ([a-z-]+) -->\n).*?(<!-- end of what is made -->)", re.DOTALL)


def write_history(file: Path, known: Catalogue) -> None:
    """The larger demo city's plan, as `civis programme simulate` reads a history."""
    city = whole_city()
    with file.open("w", encoding="utf-8", newline="") as opened:
        table = csv.writer(opened)
        table.writerow(_COLUMNS)
        for deed in city.deeds(LAST_DAY, known):
            who, at = city.citizens[deed.citizen], deed.at.isoformat()
            unit = known.action_type(deed.action_type).unit
            table.writerow([at, at, who.number, deed.attester, deed.action_type, deed.quantity,
                            unit, "attested", who.level.value])  # fmt: skip


def tried(history: Path, change: Callable[[dict[str, Any]], Any] = lambda _: None) -> Simulation:
    """The demo's rules on that history; `change` may alter a copy of them first."""
    rules = safe_rules(NewProgramme.time_zone)
    change(rules)
    found = Simulation(understood(rules), Outside(), budget_cents=FUNDED_CENTS)
    for action in read(history, lambda _: None):
        found.add(action)
    return found


def half_caps(rules: dict[str, Any]) -> None:
    for limit in rules["limits"]:
        limit["most"] //= 2


def sources(run: Mapping[str, Any], history: Path) -> Sources:
    """`run`: what a demo's file says, or what was kept of one."""
    if run.get("simulated") is not True or run.get("audit") != "ok":
        raise ValueError("this is not the file of a demo whose audit agreed; run `make council`")
    return Sources(
        run=run,
        funded_cents=FUNDED_CENTS,
        citizens=len(whole_city().citizens),
        days=whole_city().days,
        plain=tried(history),
        halved=tried(history, half_caps),
    )


def renewed(document: str, made: Mapping[str, str]) -> str:
    """A document with each marked part made anew. Raises ValueError unless each is there once."""
    marked = [match[2] for match in _PART.finditer(document)]
    if sorted(marked) != sorted(made):
        raise ValueError(f"marks {sorted(marked)} for the parts {sorted(made)}")
    return _PART.sub(lambda match: f"{match[1]}{made[match[2]]}\n{match[3]}", document)


@click.command()
@click.option("--history", "history_only", is_flag=True, help=f"Write {HISTORY} and nothing else.")
def main(history_only: bool) -> None:
    """Fill the council's document anew."""
    HISTORY.parent.mkdir(parents=True, exist_ok=True)
    write_history(HISTORY, catalogue())
    if history_only:
        return
    if not RUN.exists():
        raise click.ClickException(f"{RUN} is missing; `make council` runs the demo that writes it")
    _fill(FOLDER)


def _fill(folder: Path) -> None:
    run = json.loads(RUN.read_text(encoding="utf-8"))
    kept = {name: run[name] for name in KEPT}
    found = sources(kept, HISTORY)
    kept_text = json.dumps(kept, indent=2) + "\n"
    (folder / "figures.json").write_text(kept_text, encoding="utf-8")
    for language, name in DOCUMENTS.items():
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(renewed(text, tables(found, language)), encoding="utf-8")


if __name__ == "__main__":
    main()

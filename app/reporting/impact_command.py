"""`civis impact recompute`: published figures with other factors, beside today's."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from app.as_json import AS_JSON, answer
from app.clock import clock_of
from app.config import Settings
from app.impact.accounting import Estimate
from app.impact.as_if import FactorSetError, as_if
from app.impact.catalogue import Catalogue, UnknownActionTypeError, catalogue
from app.impact.entries import METRICS, PROOF_LEVEL_NUMBERS
from app.reporting import sums
from app.reporting.figures import Figure, FigureKey
from app.reporting.recompute import Changed, factor_changes, recomputed, whole
from app.services import connect


@click.group("impact")
def command() -> None:
    """What deeds are worth, and what they would be worth by other factors."""


@command.command()
@click.option("--as-if", "factor_set", required=True, metavar="FACTORSET",
              help="A file of factors, or the name of a version of some.")  # fmt: skip
@click.option("--figures", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A downloaded export (JSON); else this installation's figures.")  # fmt: skip
@AS_JSON
def recompute(*, factor_set: str, figures: Path | None, as_json: bool) -> None:
    """Show how every published figure would change. Nothing is changed: old deeds keep their
    factors, and a new version counts for new deeds only. By --json exactly, in grams."""
    known = catalogue()
    try:
        other = as_if(factor_set, known)
    except FactorSetError as error:
        raise click.ClickException(str(error)) from error
    rows = recomputed(_of_file(figures, known) if figures else _of_database(), known, other)
    answer(_as_json(rows, known, other), *in_words(rows, known, other), as_json=as_json)


def in_words(rows: list[Changed], known: Catalogue, other: Catalogue) -> Iterator[str]:
    """The factors that differ, then a table of kinds of deed with their sum."""
    changes = factor_changes(known, other)
    for one in changes:
        yield (
            f"factor {one.id}: {one.today} {one.micrograms_today} -> {one.then}"
            f" {one.micrograms_then} micrograms per unit"
        )
    yield f"{len(changes)} of {len(known.factors)} factors differ. CO2e in grams, gross:"
    yield f"{'kind of deed':28} {'quantity':>26} {'today':>14} {'as if':>14} {'difference':>14}"
    for row in rows:
        yield _line(f"{row.action_type} v{row.version}", f"{row.quantity:,} {row.metric}", row)
    yield _line("all", "", whole(rows))
    yield "Nothing was changed: old deeds keep the factors of their days."


def _line(name: str, quantity: str, row: Changed) -> str:
    today, then = (_grams(estimate) for estimate in (row.today, row.then))
    difference = f"{row.difference_g:+,}" if row.today or row.then else "-"
    return f"{name:28} {quantity:>26} {today:>14} {then:>14} {difference:>14}"


def _grams(estimate: Estimate | None) -> str:
    return "-" if estimate is None else f"{estimate.central:,}"


def _as_json(rows: list[Changed], known: Catalogue, other: Catalogue) -> dict[str, Any]:
    return {
        "factors": [vars(one) for one in factor_changes(known, other)],
        "kinds": [_row(row) for row in rows],
        "all": {name: value for name, value in _row(whole(rows)).items() if name.endswith("_g")},
    }


def _row(row: Changed) -> dict[str, Any]:
    return {
        "action_type": row.action_type,
        "version": row.version,
        "quantity": row.quantity,
        "metric": row.metric,
        "today_g": row.today.central if row.today else None,
        "as_if_g": row.then.central if row.then else None,
        "difference_g": row.difference_g,
    }


def _of_database() -> list[Figure]:
    parts = connect(Settings.from_env(os.environ), name="civis impact")
    with parts.database.session() as session:
        found = sums.everything(session.connection(), clock_of(session).zone).figures
    parts.database.dispose()
    return found


def _of_file(path: Path, known: Catalogue) -> list[Figure]:
    """The figures of an export; whatever else it may be is said in a sentence."""
    try:
        return [_figure(entry, known) for entry in json.loads(path.read_text("utf-8"))["figures"]]
    except (ValueError, KeyError, TypeError, AttributeError, UnknownActionTypeError) as error:
        raise click.ClickException(f"{path} is no export of figures.") from error


def _figure(entry: dict[str, Any], known: Catalogue) -> Figure:
    kind = known.action_type(entry["action_type"], entry["action_type_version"])
    year, month = entry["month"].split("-")
    key = FigureKey(
        bytes.fromhex(entry["programme"][2:]),
        int(year) * 100 + int(month),
        kind.number,
        kind.version,
        PROOF_LEVEL_NUMBERS[entry["proof_level"]],
    )
    metrics = {name: int(entry["metrics"][name]) for name in METRICS}
    return Figure(key, entry["actions"], entry["reward_cents"], metrics, entry["block"])

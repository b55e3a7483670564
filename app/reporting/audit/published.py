"""What the city's website says, and how it compares with the chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from app.impact.catalogue import Catalogue
from app.impact.entries import METRICS
from app.reporting.audit.evidence import Event, Places
from app.reporting.audit.node import CannotCheckError
from app.reporting.figures import (
    CountedCell,
    Figure,
    FigureKey,
    estimate_of,
    figure_id,
    figures_of,
)

EXPORT_PATH = "/figures/export.json"
FORMAT = "civis-figures/1"


@dataclass(frozen=True)
class Difference:
    """A figure that the city shows otherwise than the chain; `block` proves the chain's value."""

    figure: str
    field: str
    chain: object
    shown: object
    block: int | None


def fetch_export(site: str, timeout: float = 20.0) -> dict[str, Any]:
    """The public export of a site. Raises CannotCheckError."""
    try:
        answer = httpx.get(site.rstrip("/") + EXPORT_PATH, timeout=timeout, trust_env=False)
        answer.raise_for_status()
        export = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise CannotCheckError(f"{site} gave no export: {error}") from error
    if not isinstance(export, dict) or export.get("format") != FORMAT:
        raise CannotCheckError(f"{site} gave an export of another format than {FORMAT}")
    return export


def places_of(export: Mapping[str, Any]) -> Places:
    """Where the export says that the contracts stand."""
    chain = export["chain"]
    return Places(
        chain["contracts"]["ActionRegistry"],
        chain["contracts"]["Programmes"],
        int(chain["first_block"]),
    )


def cells_of(events: Iterable[Event], up_to: int) -> list[CountedCell]:
    """The cells that the chain published up to a block."""
    found = []
    for event in events:
        if event.name == "CellPublished" and event.block <= up_to:
            found.append(_counted(event))
    return found


def _counted(event: Event) -> CountedCell:
    cell = event.arguments["cell"]
    key = FigureKey(
        event.arguments["programmeId"],
        cell["month"],
        cell["actionTypeId"],
        cell["actionTypeVersion"],
        cell["proofLevel"],
    )
    metrics = dict(zip(METRICS, cell["metrics"], strict=True))
    return CountedCell(
        key, cell["correction"], cell["actions"], cell["reward"], metrics, event.block
    )


def compare(
    export: Mapping[str, Any], events: Iterable[Event], catalogue: Catalogue
) -> tuple[int, list[Difference]]:
    """How many figures were compared, and where they differ."""
    true = figures_of(cells_of(events, int(export["as_of"]["block"])))
    shown = {str(entry["id"]): entry for entry in export["figures"]}
    differences: list[Difference] = []
    for key, figure in true.items():
        name = figure_id(key)
        entry = shown.pop(name, None)
        if entry is None:
            differences.append(Difference(name, "figure", "published", "missing", figure.block))
        else:
            differences += _fields(name, figure, entry, catalogue)
    for name, entry in shown.items():
        differences.append(Difference(name, "actions", "no such cell", entry["actions"], None))
    return len(true), differences


def _fields(
    name: str, figure: Figure, entry: Mapping[str, Any], catalogue: Catalogue
) -> list[Difference]:
    flat = {
        "actions": entry["actions"],
        "reward_cents": entry["reward_cents"],
        **entry["metrics"],
    }
    found = [
        Difference(name, field, value, flat.get(field), figure.block)
        for field, value in figure.values().items()
        if flat.get(field) != value
    ]
    estimate = estimate_of(figure, catalogue)
    if not found and entry["co2e"] != estimate:
        found.append(Difference(name, "co2e", estimate, entry["co2e"], figure.block))
    return found

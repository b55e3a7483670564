"""What the city's website says, and how it compares with the chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from app.impact.catalogue import Catalogue
from app.impact.entries import METRICS
from app.reporting.audit.evidence import Event, Evidence, Places
from app.reporting.audit.node import Answers, CannotCheckError
from app.reporting.audit.register import Check
from app.reporting.figures import CountedCell, FigureKey, figure_json, figures_of

EXPORT_PATH = "/figures/export.json"
FORMAT = "civis-figures/1"
MAY_LAG = timedelta(hours=1)  # from a publication to the site that shows it


@dataclass(frozen=True)
class Difference:
    """A figure that the city shows otherwise than the chain; `block` proves the chain's value."""

    figure: str
    field: str
    chain: object
    shown: object
    block: int | None


@dataclass(frozen=True)
class AsOf:
    """The block that figures are of, and the newest one, with their times. `withheld`: the first
    block above it that published cells over an hour before the newest."""

    block: int
    time: str
    newest: int
    newest_time: str
    withheld: int | None

    def check(self) -> Check:
        """A site that looks no further than an old block would hide every correction since."""
        detail = f"block {self.block} of {self.time}, newest block {self.newest} of"
        return Check(
            "nothing above the block that the figures are of was published over an hour ago",
            self.withheld is None, f"{detail} {self.newest_time}", self.withheld,
        )  # fmt: skip


def fetch_export(site: str, timeout: float = 20.0) -> dict[str, Any]:
    """The public export of a site. Raises CannotCheckError."""
    try:
        answer = httpx.get(site.rstrip("/") + EXPORT_PATH, timeout=timeout, trust_env=False)
        answer.raise_for_status()
        export = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise CannotCheckError(f"{site} gave no export: {error}") from error
    return checked_export(site, export)


def checked_export(origin: str, export: Any) -> dict[str, Any]:
    """Raises CannotCheckError for what is no export of our format."""
    if not isinstance(export, dict) or export.get("format") != FORMAT or not _is_whole(export):
        raise CannotCheckError(f"{origin} gave an export of another format than {FORMAT}")
    return export


def _is_whole(export: Mapping[str, Any]) -> bool:
    """Whether all that the audit reads is there; what it says is compared later."""
    chain, as_of = export.get("chain"), export.get("as_of")
    return (
        isinstance(chain, dict)
        and isinstance(chain.get("contracts"), dict)
        and {"ActionRegistry", "Programmes", "Anchor"} <= chain["contracts"].keys()
        and all(isinstance(chain.get(name), int) for name in ("chain_id", "first_block"))
        and isinstance(chain.get("genesis_hash"), str)
        and isinstance(as_of, dict)
        and isinstance(as_of.get("block"), int)
        and _are_objects(export.get("figures"), "id")
        and _are_objects(export.get("records"), "text")
    )


def _are_objects(value: object, name: str) -> bool:
    """A list of objects, each with a text under `name`."""
    return isinstance(value, list) and all(
        isinstance(entry, dict) and isinstance(entry.get(name), str) for entry in value
    )


def places_of(export: Mapping[str, Any]) -> Places:
    """Where the export says that the contracts stand."""
    chain = export["chain"]
    return Places(
        chain["contracts"]["ActionRegistry"],
        chain["contracts"]["Programmes"],
        int(chain["first_block"]),
        chain["contracts"]["Anchor"],
    )


def check_same_chain(node: Answers, export: Mapping[str, Any]) -> None:
    """The node holds the chain that the site speaks of, as far. Raises CannotCheckError."""
    chain = export["chain"]
    if (chain["chain_id"], chain["genesis_hash"]) != (node.chain_id(), node.genesis_hash()):
        raise CannotCheckError("the site and the node speak of different chains")
    if export["as_of"]["block"] > node.head():
        raise CannotCheckError("the node is behind the site: try again in a moment")


def as_of(node: Answers, export: Mapping[str, Any], evidence: Evidence) -> AsOf:
    """By the blocks' own times: of an archive, by its own last block."""
    block, now = int(export["as_of"]["block"]), node.time(evidence.block)
    above = [e.block for e in evidence.events if e.name == "CellsPublished" and e.block > block]
    withheld = next((one for one in above if now - node.time(one) > MAY_LAG), None)
    time = node.time(block).isoformat()
    return AsOf(block, time, evidence.block, now.isoformat(), withheld)


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
    shown: dict[str, Mapping[str, Any]] = {}
    differences: list[Difference] = []
    for entry in export["figures"]:
        if entry["id"] in shown:
            differences.append(Difference(entry["id"], "figure", "once", "twice", None))
        shown[entry["id"]] = entry
    for figure in true.values():
        expected = figure_json(figure, catalogue)
        entry = shown.pop(expected["id"], None)
        if entry is None:
            lost = Difference(expected["id"], "figure", "published", "missing", figure.block)
            differences.append(lost)
        else:
            differences += _fields(expected, entry)
    differences += [
        Difference(name, "figure", "no such cell", f"{entry.get('actions')} actions", None)
        for name, entry in shown.items()
    ]
    return len(true), differences


def _fields(expected: Mapping[str, Any], entry: Mapping[str, Any]) -> list[Difference]:
    """Every field; CO2e only where the quantities agree, since it follows from them."""
    found = _differing(expected, {name: entry.get(name) for name in expected}, expected)
    if len(found) > 1:
        found = [difference for difference in found if difference.field != "co2e"]
    return found


def _differing(
    true: Mapping[str, Any], shown: Mapping[str, Any], figure: Mapping[str, Any]
) -> list[Difference]:
    found: list[Difference] = []
    for field, value in true.items():
        said = shown.get(field)
        if field == "metrics" and isinstance(said, dict):
            found += _differing(value, said, figure)
        elif said != value or type(said) is not type(value):
            found.append(Difference(figure["id"], field, value, said, figure["block"]))
    return found

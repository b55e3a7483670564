"""What the city's website says, and how it compares with the chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, timedelta
from typing import Any

import httpx

from app.impact.catalogue import Catalogue
from app.impact.entries import METRICS, PROOF_LEVEL_NUMBERS
from app.reporting.audit.evidence import Event, Evidence, Places
from app.reporting.audit.node import Answers, CannotCheckError, read_json, require
from app.reporting.audit.register import Check
from app.reporting.audit.shapes import Shape
from app.reporting.figures import CountedCell, FigureKey, figure_json, figures_of

NOTHING = "nothing"  # on the chain, of a field that only the city shows
EXPORT_PATH = "/figures/export.json"
FORMAT = "civis-figures/1"
EXPORT: Shape = {
    "format": str,
    "chain": {
        "contracts": {"ActionRegistry": str, "Programmes": str, "Anchor": str},
        "chain_id": int, "first_block": int, "genesis_hash": str,
    },
    "as_of": {"block": int, "time": (str, None)},
    "figures": [{"id": str}],
    "records": [{"text": str}],
}  # fmt: skip
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
    """The block that figures are of, and the newest one, with their times; `told`: what the city
    says that the first is. `withheld`: the first block above it that published cells over an hour
    before the newest."""

    block: int
    time: str
    told: str | None
    newest: int
    newest_time: str
    withheld: int | None

    def checks(self) -> list[Check]:
        name = "the time that the city gives to the block of its figures is the chain's"
        said = f"{self.told} against {self.time}"
        timed = [Check(name, self.told == self.time, said, self.block)] if self.told else []
        return [*timed, self._none_withheld()]

    def _none_withheld(self) -> Check:
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
    except httpx.HTTPStatusError as error:
        why = f"{EXPORT_PATH} answered {error.response.status_code}"
        raise CannotCheckError(f"{site} gave no export: {why}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CannotCheckError(f"{site} gave no export: {error}") from error
    where = f"the export of {site}"
    return checked_export(where, read_json(where, answer.content))


def checked_export(name: str, export: Any) -> dict[str, Any]:
    """What it says is compared later. Raises CannotCheckError for what is no export."""
    require(name, export, EXPORT)
    if export["format"] != FORMAT:
        raise CannotCheckError(f"{name}: format must be {FORMAT}")
    return dict(export)


def places_of(export: Mapping[str, Any]) -> Places:
    """Where the export says that the contracts stand."""
    chain = export["chain"]
    return Places(
        chain["contracts"]["ActionRegistry"],
        chain["contracts"]["Programmes"],
        int(chain["first_block"]),
        chain["contracts"]["Anchor"],
    )


def check_same_chain(node: Answers, export: Mapping[str, Any], whose: str = "the site") -> None:
    """The node holds the chain that the export speaks of, as far. Raises CannotCheckError."""
    chain = export["chain"]
    if (chain["chain_id"], chain["genesis_hash"]) != (node.chain_id(), node.genesis_hash()):
        raise CannotCheckError(f"{whose} and {node.name} speak of different chains")
    if export["as_of"]["block"] > node.head():
        raise CannotCheckError("the node is behind the site: try again in a moment")


def as_of(node: Answers, export: Mapping[str, Any], evidence: Evidence) -> AsOf:
    """By the blocks' own times: of an archive, by its own last block."""
    block, now = int(export["as_of"]["block"]), node.time(evidence.block)
    above = [e.block for e in evidence.events if e.name == "CellsPublished" and e.block > block]
    withheld = next((one for one in above if now - node.time(one) > MAY_LAG), None)
    time = node.time(block).isoformat()
    told = export["as_of"]["time"]
    return AsOf(block, time, told, evidence.block, now.isoformat(), withheld)


def cells_of(events: Iterable[Event], up_to: int) -> list[CountedCell]:
    """The cells that the chain published up to a block."""
    found = []
    for event in events:
        if event.name == "CellPublished" and event.block <= up_to:
            found.append(_counted(event))
    return found


def _counted(event: Event) -> CountedCell:
    """The contract takes any month and level; none but these is a figure."""
    cell = event.arguments["cell"]
    month, level = cell["month"], cell["proofLevel"]
    if level not in PROOF_LEVEL_NUMBERS.values() or not _is_month(month):
        said = f"a cell of month {month} and proof level {level}, which is no figure"
        raise CannotCheckError(f"block {event.block} published {said}")
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


def _is_month(number: int) -> bool:
    """yyyymm."""
    return MINYEAR <= number // 100 <= MAXYEAR and 1 <= number % 100 <= 12


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
    found = _differing(expected, entry, expected)
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
    for field in sorted(shown.keys() - true.keys()):
        found.append(Difference(figure["id"], field, NOTHING, shown[field], figure["block"]))
    return found

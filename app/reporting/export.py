"""The public export: every figure with its provenance, as JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import PartnerDaySum
from app.chain.models import ChainBlock, ChainCursor
from app.impact.catalogue import Catalogue
from app.impact.entries import METRICS, PROOF_LEVEL_NUMBERS
from app.reporting.audit.published import FORMAT
from app.reporting.facts import vouched
from app.reporting.figures import CountedCell, FigureKey, figure_json, figures_of
from app.reporting.models import PublishedCell
from app.rewards.cells import FEWEST_PEOPLE
from app.rewards.models import Programme

UNLINKED_TRIPS, SIGNED_BY_SERVER = "partner-trips-without-rider", "signed-with-server-keys"
CSV_FIELDS = (
    "id", "month", "action_type", "action_type_version", "proof_level", "provenance", "actions",
    "reward_cents", *METRICS, "co2e_central_g", "co2e_low_g", "co2e_high_g", "indicators", "block",
)  # fmt: skip


def published_cells(
    session: Session, catalogue: Catalogue, *, up_to: int | None = None
) -> list[CountedCell]:
    """Published cells as the city's database holds them, up to a block if one is given."""
    query = select(PublishedCell)
    if up_to is not None:
        query = query.where(col(PublishedCell.block_number) <= up_to)
    return [_counted(row, catalogue) for row in session.scalars(query)]


def _counted(row: PublishedCell, catalogue: Catalogue) -> CountedCell:
    number = catalogue.action_type(row.action_type_id, row.action_type_version).number
    key = FigureKey(
        row.programme_chain_id,
        row.month.year * 100 + row.month.month,
        number,
        row.action_type_version,
        PROOF_LEVEL_NUMBERS[row.proof_level],
    )
    return CountedCell(
        key, row.correction, row.actions, row.reward_cents, row.metrics, row.block_number
    )


def export(
    session: Session, catalogue: Catalogue, deployment_file: Path, *, indicator: str = ""
) -> dict[str, Any]:
    """The public export, of one indicator if named. `records` are the city's own, labelled so."""
    until = as_of(session)  # first: cells that arrive meanwhile belong to the next export
    figures = figures_of(published_cells(session, catalogue, up_to=until["block"]))
    entries = [figure_json(figure, catalogue) for figure in figures.values()]
    return {
        "format": FORMAT,
        "chain": chain_of(deployment_file),
        "as_of": until,
        "programmes": _programmes(session),
        "figures": [
            entry
            for entry in entries
            if not indicator or indicator in {link["code"] for link in entry["indicators"]}
        ],
        "records": records(session),
    }


def chain_of(deployment_file: Path) -> dict[str, Any]:
    """Which chain, and where the public contracts stand."""
    stored = json.loads(deployment_file.read_text("utf-8"))
    return {
        "chain_id": stored["chain_id"],
        "genesis_hash": stored["genesis_hash"],
        "first_block": stored["block_number"],
        "contracts": {
            "ActionRegistry": stored["action_registry"],
            "Programmes": stored["programmes"],
        },
    }


def as_of(session: Session) -> dict[str, Any]:
    """The last final block that the figures were read from."""
    cursor = session.get(ChainCursor, "final")
    if cursor is None:
        return {"block": 0, "time": None}
    time = session.scalar(
        select(col(ChainBlock.block_time)).where(col(ChainBlock.hash) == cursor.hash)
    )
    return {"block": cursor.number, "time": time.isoformat() if time else None}


def _programmes(session: Session) -> list[dict[str, Any]]:
    rows = session.scalars(select(Programme).order_by(col(Programme.created_at)))
    return [{"id": "0x" + row.chain_id.hex(), "slug": row.slug, "name": row.name} for row in rows]


def records(session: Session) -> list[dict[str, Any]]:
    """What the city knows from its own records, and nobody can check on the chain."""
    return [entry for entry in (_unlinked_trips(session), _signed_by_server(session)) if entry]


def _unlinked_trips(session: Session) -> dict[str, Any] | None:
    """Partners' trips without a linked rider."""
    totals = session.execute(
        select(func.sum(col(PartnerDaySum.trips)), func.sum(col(PartnerDaySum.distance_m)))
    ).one()
    if not totals[0]:
        return None
    trips, metres = int(totals[0]), int(totals[1])
    return {
        "id": UNLINKED_TRIPS,
        "provenance": "records",
        "trips": trips,
        "distance_m": metres,
        "text": f"{trips} trips and {metres // 1000} km reported by partners without a rider",
    }


def _signed_by_server(session: Session) -> dict[str, Any] | None:
    """P11: where the operator holds the key that vouches, this is said and counted apart."""
    signed, deeds = vouched(session)
    if deeds < FEWEST_PEOPLE:
        return None
    return {
        "id": SIGNED_BY_SERVER,
        "provenance": "records",
        "signed": signed,
        "deeds": deeds,
        "text": f"{signed} of {deeds} deeds vouched for were signed with keys that the city holds",
    }


def as_csv(figures: list[Mapping[str, Any]]) -> str:
    """The figures as CSV, a line each, with the same fields as the JSON."""
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV_FIELDS, lineterminator="\n")
    writer.writeheader()
    for figure in figures:
        estimate = figure["co2e"] or {}
        row = {name: figure[name] for name in CSV_FIELDS if name in figure}
        row |= figure["metrics"]
        row |= {f"co2e_{name}": estimate.get(name) for name in ("central_g", "low_g", "high_g")}
        row["indicators"] = " ".join(link["code"] for link in figure["indicators"])
        writer.writerow(row)
    return out.getvalue()

"""The public export: every figure with its provenance."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import clock_of
from app.impact.catalogue import Catalogue
from app.reporting import sums
from app.reporting.audit.published import FORMAT
from app.reporting.figures import Figure, figure_json
from app.reporting.net_shares import published
from app.reporting.problems import check_indicator
from app.reporting.sums import Records
from app.rewards.batches.cells import FEWEST_PEOPLE
from app.rewards.models import Programme

UNLINKED_TRIPS, SIGNED_BY_SERVER = "partner-trips-without-rider", "signed-with-server-keys"
HELD = "held-in-custodial-wallets"
EMERGENCIES = "emergency-accesses"


@dataclass(frozen=True)
class Part:
    """Of one indicator, if one is named; of so many months, back from the newest with a figure."""

    indicator: str = ""
    months: int | None = None

    def name(self) -> str:
        """For a file that holds it."""
        last = f"last-{self.months}-months" if self.months else ""
        return "-".join(word for word in ("civis-figures", self.indicator, last) if word)


def export(
    session: Session, catalogue: Catalogue, deployment_file: Path, part: Part | None = None
) -> dict[str, Any]:
    """The public export, or a part of it. `records` are the city's own, labelled so."""
    part = part or Part()
    check_indicator(part.indicator)
    wanted = set(catalogue.same_as(part.indicator)) if part.indicator else set()
    found = sums.everything(session.connection(), clock_of(session).zone)
    figures = _last(found.figures, part.months)
    entries = [figure_json(figure, catalogue) for figure in figures]
    time = found.block_time
    return {
        "format": FORMAT,
        "chain": chain_of(deployment_file),
        "as_of": {"block": found.block, "time": time.isoformat() if time else None},
        "programmes": _programmes(session),
        "figures": [
            entry
            for entry in entries
            if not wanted or not wanted.isdisjoint(link["code"] for link in entry["indicators"])
        ],
        "net_shares": published(session),
        "records": records(found.records),
    }


def _last(figures: list[Figure], months: int | None) -> list[Figure]:
    """A month counts as twelve times its year and its own number."""
    counted = [figure.key.month // 100 * 12 + figure.key.month % 100 for figure in figures]
    since = max(counted, default=0) - months if months else 0
    return [figure for figure, month in zip(figures, counted, strict=True) if month > since]


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
            "Anchor": stored["anchor"],
        },
    }


def _programmes(session: Session) -> list[dict[str, Any]]:
    rows = session.scalars(select(Programme).order_by(col(Programme.created_at)))
    return [{"id": "0x" + row.chain_id.hex(), "slug": row.slug, "name": row.name} for row in rows]


def records(known: Records) -> list[dict[str, Any]]:
    """What the city knows from its own records, and nobody can check on the chain."""
    found = (_unlinked_trips(known), _signed_by_server(known), _held(known), _emergencies(known))
    return [entry for entry in found if entry]


def _unlinked_trips(known: Records) -> dict[str, Any] | None:
    """Partners' trips without a linked rider."""
    if not known.trips:
        return None
    kilometres = known.distance_m // 1000
    return {
        "id": UNLINKED_TRIPS,
        "provenance": "records",
        "trips": known.trips,
        "distance_m": known.distance_m,
        "text": f"{known.trips} trips and {kilometres} km reported by partners without a rider",
    }


def _signed_by_server(known: Records) -> dict[str, Any] | None:
    """P11: where the operator holds the key that vouches, this is said and counted apart."""
    signed, deeds = known.operator_signed, known.vouched
    if deeds < FEWEST_PEOPLE:
        return None
    return {
        "id": SIGNED_BY_SERVER,
        "provenance": "records",
        "signed": signed,
        "deeds": deeds,
        "text": f"{signed} of {deeds} deeds vouched for were signed with keys that the city holds",
    }


def _held(known: Records) -> dict[str, Any] | None:
    """P4: what lies in wallets whose keys the city holds, if five people or more have some."""
    if known.holders < FEWEST_PEOPLE:
        return None
    tokens = f"{known.held_cents // 100}.{known.held_cents % 100:02}"
    return {
        "id": HELD,
        "provenance": "records",
        "held_cents": known.held_cents,
        "holders": known.holders,
        "text": f"{tokens} tokens of {known.holders} people lie in wallets whose keys the city"
        " holds",
    }


def _emergencies(known: Records) -> dict[str, Any] | None:
    """How often one person acted alone, in the year of the last time; never who."""
    last = known.last_emergency
    if last is None:
        return None
    return {
        "id": EMERGENCIES,
        "provenance": "records",
        "opened": known.emergencies,
        "last_on": last.isoformat(),
        "text": f"emergency access: {known.emergencies} in {last.year}, last on {last.isoformat()}",
    }

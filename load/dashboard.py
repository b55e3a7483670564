"""The public dashboard, uncached: one indicator, twelve months, French, beside a bare route."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from statistics import median
from typing import Any

from sqlalchemy import insert

from app.db import uuid7
from app.impact.accounting import metrics_for
from app.impact.catalogue import catalogue
from app.impact.entries import ActionType
from app.reporting.models import PublishedCell
from app.services import Services
from load.place import Place
from load.result import Result, at_most, beside
from load.wire import get, rate

ROUNDS, REQUESTS = 7, 40
MOST = 6
INDICATOR = "11.6.1"
PAGE = f"/figures?indicator={INDICATOR}&months=12&lang=fr"
FLOOR = "/accessibility?lang=fr"  # the same application, frame and middleware, and no figure
MONTHS, PERIODS_A_MONTH = 24, 4


def measure(place: Place) -> Iterator[Result]:
    """Milliseconds a page, one reader at a time, in turns with the bare route."""
    published = publish(place.services)
    asked = ((place.settings.port, PAGE), (place.bare_port, "/"), (place.settings.port, FLOOR))
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(ROUNDS + 1):
        for port, path in asked:
            times[path].append(1000 / rate(port, [get(path)] * REQUESTS, connections=1))
    ours, nothing, floor = (median(times[path][1:]) for _, path in asked)  # the first warms up
    yield at_most("dashboard page", ours, nothing, "ms", MOST)
    yield beside("a page of ours without figures", floor, "ms", nothing)
    yield beside("dashboard page, published cells behind it", published, "cells")


def publish(services: Services) -> int:
    """Two years of weekly cells of every kind of deed, as the chain's projection."""
    rows = cells()
    with services.database.transaction() as session:
        session.execute(insert(PublishedCell), rows)
    return len(rows)


def cells() -> list[dict[str, Any]]:
    programme = uuid7().bytes * 2
    return [
        _cell(kind, deeds=40 + (period * 7 + position * 11) % 60, period=period)
        | {"programme_chain_id": programme, "position": position}
        for period in range(MONTHS * PERIODS_A_MONTH)
        for position, kind in enumerate(catalogue().action_types())
    ]


def _cell(kind: ActionType, *, deeds: int, period: int) -> dict[str, Any]:
    years, month = divmod(period // PERIODS_A_MONTH, 12)
    first = date(2025 + years, month + 1, 1)
    return {
        "period": period,
        "block_number": period,
        "block_hash": bytes(32),
        "block_time": datetime.combine(first, time(), UTC),
        "action_type_id": kind.id,
        "action_type_version": kind.version,
        "proof_level": "attested",
        "month": first,
        "correction": False,
        "actions": deeds,
        "reward_cents": deeds * 20,
        "metrics": metrics_for(kind, deeds * kind.quantity_usual),
        "root": bytes(32),
    }

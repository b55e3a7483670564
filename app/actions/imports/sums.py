"""Trips without a rider: added to the day's sums in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.imports.frame import Frame, Verdict
from app.actions.models import PartnerDaySum


def add_sums(session: Session, frame: Frame, verdicts: Sequence[Verdict]) -> None:
    sums: dict[tuple[date, str], list[int]] = {}
    for verdict in verdicts:
        if verdict.result == "summed" and (trip := verdict.trip):
            total = sums.setdefault((trip.day, trip.area), [0, 0, 0])
            total[0] += 1
            total[1] += trip.distance_m
            total[2] += trip.duration_s
    if not sums:
        return
    rows = [
        {
            "organisation_id": frame.organisation_id,
            "day": day,
            "action_type_id": frame.action_type.id,
            "area": area,
            "trips": trips,
            "distance_m": metres,
            "duration_s": seconds,
        }
        for (day, area), (trips, metres, seconds) in sorted(sums.items())
    ]
    fresh = upsert(PartnerDaySum).values(rows)
    added = {
        name: col(getattr(PartnerDaySum, name)) + fresh.excluded[name]
        for name in ("trips", "distance_m", "duration_s")
    }
    primary = ["organisation_id", "day", "action_type_id", "area"]
    session.execute(fresh.on_conflict_do_update(index_elements=primary, set_=added))

"""Nodes that answer and lag: measured beside the others, by the block times that they tell.

Who is up to date by our own clock is never left because of what another claims; and a claim to be
ahead counts only while all tell one chain as far as it is final (otherwise everything stops).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.rpc.answers import Block
from app.outbox.models import ChainNode

DATABASE_TIME = text("select clock_timestamp()")
JUDGED_LATELY = timedelta(minutes=1)  # the watch looks every ten seconds


def laggards(heads: Mapping[str, Block], now: datetime, lag: timedelta) -> dict[str, str]:
    """What is wrong with each node that lags, by its label; `heads` of all that answered."""
    if not heads:
        return {}
    ahead = max(heads, key=lambda label: (heads[label].time, heads[label].number))
    best = heads[ahead]
    return {
        label: f"its newest block {head.number} is {(best.time - head.time).total_seconds():.0f} s "
        f"older than block {best.number} of {ahead}"
        for label, head in heads.items()
        if head.number < best.number and best.time - head.time >= lag and now - head.time >= lag
    }


def to_leave(session: Session, now: datetime) -> set[str]:
    """Labels of nodes that the watch found low at two looks, while another was not. `now` by the
    database's own clock."""
    looked_at = select(ChainNode).where(
        col(ChainNode.trouble).is_(None), col(ChainNode.answered_at) >= now - JUDGED_LATELY
    )
    rows = session.scalars(looked_at).all()
    low = {
        row.label
        for row in rows
        if row.low_since and row.answered_at and row.low_since < row.answered_at
    }
    return low if any(row.low_since is None for row in rows) else set()

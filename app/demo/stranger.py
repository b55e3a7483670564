"""The stranger of the demo: audits through the public gateway, and catches what is altered."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.demo.world import DemoError, SlowError, World
from app.governance.service import confirm
from app.reporting.audit.run import AGREES, CANNOT_CHECK, DIFFERS, Report, audit
from app.rewards.models import CellPublication
from app.rewards.valuing.decided import propose_reversal
from app.web.welcome import tour_state

PATIENCE = 120.0
CORRECTED = 6  # people in one cell whose deeds are reversed: enough to be published


class AuditError(DemoError):
    """The audit said something else than it should have."""


def audited(world: World, expected: int = AGREES) -> Report:
    """Audits until node and site agree on how far they are. Raises AuditError."""
    settings = world.parts.settings
    loopback = "http://127.0.0.1"
    deadline = time.monotonic() + PATIENCE
    while True:
        report = audit(f"{loopback}:{settings.gateway_port}", f"{loopback}:{settings.port}")
        if report.verdict != CANNOT_CHECK or time.monotonic() > deadline:
            break
        time.sleep(1)
    if report.verdict != expected:
        raise AuditError(f"the audit's verdict is {report.verdict}: {report.reason or report}")
    return report


def alter_and_restore(world: World) -> str:
    """Adds 1,000 deeds to a figure behind everybody's back; what the audit says of it."""
    with world.parts.database.transaction() as session:
        tour_state.alter(session)
    try:
        report = audited(world, DIFFERS)
    finally:
        with world.parts.database.transaction() as session:
            tour_state.restore(session)
    found = next((one for one in report.differences if one.field == "actions"), None)
    if (
        found is None
        or found.block is None
        or int(str(found.shown)) - int(str(found.chain)) != (tour_state.ADDED)
    ):
        raise AuditError(f"the altered figure was not named: {report.differences}")
    audited(world)
    return (
        f"figure {found.figure} shows {found.shown} deeds where block {found.block} proves "
        f"{found.chain}"
    )


def reverse_seven(world: World) -> str:
    """Two officers reverse deeds of six people in one cell and of one in another; the first
    figure falls by them, the second stays, and the audit agrees."""
    with world.parts.database.transaction() as session:
        many, single = _deeds_to_reverse(session)
        one, other = (world.person(session, local) for local in ("officer", "officer-2"))
        now = world.now(session)
        for action in (*many, *single):
            proposal = propose_reversal(
                session, action_id=action.id, reason="made-up", by=one, now=now
            )
            confirm(session, proposal.id, by=other, now=now)
    ids = [action.id for action in many]
    world.wait(
        "publishing the corrections", lambda session: _corrected(session, ids, now), PATIENCE
    )
    audited(world)
    with world.parts.database.session() as session:
        alone = session.get_one(Action, single[0].id)
        if alone.reversal_published_period is not None:
            raise AuditError("a correction of one person's deed was published")
    kind = many[0].action_type_id
    return (
        f"{len(many)} people's {kind} deeds of {many[0].deed_day:%Y-%m} left the figure, one "
        f"person's {single[0].action_type_id} deed is kept back"
    )


def _deeds_to_reverse(session: Session) -> tuple[Sequence[Action], Sequence[Action]]:
    """Published deeds: of six people in the fullest cell, and one of another cell."""
    published = session.scalars(
        select(Action)
        .where(
            col(Action.state) == ActionState.SETTLED,
            col(Action.published_period).is_not(None),
            col(Action.reversed_at).is_(None),
        )
        .order_by(col(Action.deed_at))
    )
    cells: defaultdict[tuple[object, ...], dict[UUID, Action]] = defaultdict(dict)
    for action in published:
        month = (action.deed_day.year, action.deed_day.month)
        cell = (action.action_type_id, action.action_type_version, action.proof_level, month)
        cells[cell].setdefault(action.person_id, action)
    fullest = sorted(cells.values(), key=len, reverse=True)
    if len(fullest) < 2 or len(fullest[0]) < CORRECTED:
        raise SlowError("too little was published to reverse anything: wait a minute")
    return list(fullest[0].values())[:CORRECTED], list(fullest[1].values())[:1]


def _corrected(session: Session, ids: list[UUID], since: datetime) -> bool:
    """Every reversal is in a publication that is final."""
    rows = session.scalars(
        select(col(Action.reversal_published_period)).where(col(Action.id).in_(ids))
    ).all()
    if None in rows:
        return False
    final = select(col(CellPublication.period)).where(
        col(CellPublication.period).in_(rows),
        col(CellPublication.final_at).is_not(None),
        col(CellPublication.created_at) >= since,
    )
    return set(session.scalars(final)) == set(rows)

"""The job of accounts that are given back, closed after a death, or moved to another key."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from app import telemetry
from app.errors import Problem
from app.merchants.wiring import recovery_domain
from app.outbox.leases import Fence
from app.outbox.service import report_incident
from app.recovery.carrying import carry_out_next
from app.recovery.forwarding import forward_next
from app.recovery.sending_moves import AcceptorDesk, carry_out, due_moves
from app.rights.deaths import carry_out_next_death
from workers.context import Workshop
from workers.one_by_one import OneByOne, Waits

log = telemetry.logger("workers")


def recover(workshop: Workshop, fence: Fence) -> int:
    """Cases and announced moves whose time has come, and what reached replaced accounts."""
    _tidy(workshop)
    signer, mail = workshop.services.signer, workshop.settings.mail
    domain = recovery_domain(workshop.settings.deployment_file)
    desk = AcceptorDesk(domain, signer)
    one_by_one = OneByOne(workshop.services, fence)
    for step in (
        partial(_move, desk),
        lambda session, now, tried: carry_out_next(session, signer, now, tried),
        lambda session, now, tried: carry_out_next_death(session, signer, mail, now, tried),
        lambda session, now, tried: forward_next(session, domain, signer, now, tried),
    ):
        one_by_one.run(step)
    return one_by_one.done()


def _tidy(workshop: Workshop) -> None:
    """Of what the signer was asked and nobody was told, the operator is."""
    services = workshop.services
    _, untold = services.signer.tidy_moves()
    with services.database.transaction() as session:
        now = services.clock.now(session)
        for announced in untold:
            detail = "The signer was asked for a move of which nobody was told; it ended that move."
            report_incident(
                session, code="move_untold", detail=detail, now=now, reference=announced
            )


def _move(desk: AcceptorDesk, session: Session, now: datetime, tried: set[UUID]) -> bool:
    """The next announced move; whether there was one. One that waits still, such as for the day's
    ceiling, is tried in the next round."""
    announced = next((one for one in due_moves(session, now) if one not in tried), None)
    if announced is None:
        return False
    tried.add(announced)
    try:
        carry_out(session, announced, desk, now)
    except Problem as problem:
        log.warning("move_waits", announced=str(announced), code=problem.code)
        raise Waits from problem
    return True

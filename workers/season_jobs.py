"""The jobs of programmes that begin and end: each a round that is safe to repeat."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.config import Settings
from app.endings.announcing import tell_next
from app.endings.closing import go_on_next
from app.impact.catalogue import catalogue
from app.outbox.leases import Fence
from app.reporting.archive import write_archive
from app.rewards.models import Programme, ProgrammeState
from workers.context import Workshop
from workers.one_by_one import OneByOne


def seasons(workshop: Workshop, fence: Fence) -> int:
    """Programmes whose day has come go on, each by itself, and people are told of ends."""
    services = workshop.services
    one_by_one = OneByOne(services, fence)
    one_by_one.run(go_on_next)
    done = 0
    while True:
        with services.database.transaction() as session:
            fence.check(session)
            told = tell_next(session, services.clock.now(session))
        if not told:
            break
        done += told
    one_by_one.done()
    return done


def archives(workshop: Workshop, fence: Fence) -> int:
    """The archive of each season that ended, once, each by itself; without a node it waits."""
    one_by_one = OneByOne(workshop.services, fence)
    one_by_one.run(partial(_archive_next, workshop.settings))
    return one_by_one.done()


def _archive_next(settings: Settings, session: Session, _now: datetime, tried: set[UUID]) -> bool:
    ended = select(Programme).where(
        col(Programme.state) == ProgrammeState.ARCHIVED, col(Programme.id).not_in(tried)
    )
    for programme in session.scalars(ended.order_by(col(Programme.id))):
        folder = settings.archive_folder / programme.slug
        if not folder.exists():
            tried.add(programme.id)
            rpc = settings.chain_rpc_urls[0]
            write_archive(session, catalogue(), settings.deployment_file, rpc, folder)
            return True
    return False

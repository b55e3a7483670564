"""The jobs of programmes that begin and end: each a round that is safe to repeat."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from app.endings.announcing import tell_next
from app.endings.closing import go_on
from app.impact.catalogue import catalogue
from app.outbox.leases import Fence
from app.reporting.archive import write_archive
from app.rewards.models import Programme, ProgrammeState
from workers.context import Workshop


def seasons(workshop: Workshop, fence: Fence) -> int:
    """Programmes whose day has come go on, and people are told of ends; some a transaction."""
    services = workshop.services
    with services.database.transaction() as session:
        fence.check(session)
        done = go_on(session, services.clock.now(session))
    while True:
        with services.database.transaction() as session:
            fence.check(session)
            told = tell_next(session, services.clock.now(session))
        if not told:
            return done
        done += told


def archives(workshop: Workshop, _fence: Fence) -> int:
    """The archive of each season that ended, once; without a node it waits."""
    services, settings = workshop.services, workshop.settings
    written = 0
    with services.database.session() as session:
        ended = select(Programme).where(col(Programme.state) == ProgrammeState.ARCHIVED)
        for programme in session.scalars(ended):
            folder = settings.archive_folder / programme.slug
            if not folder.exists():
                rpc = settings.chain_rpc_urls[0]
                write_archive(session, catalogue(), settings.deployment_file, rpc, folder)
                written += 1
    return written

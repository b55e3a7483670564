"""The jobs of programmes that begin and end: each a round that is safe to repeat."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.config import Settings
from app.endings.announcing import tell_next
from app.endings.closing import go_on_next
from app.governance.running_out import watch_roles
from app.impact.catalogue import catalogue
from app.outbox.leases import Fence
from app.outbox.models import OutboxItem, OutboxState
from app.outbox.service import report_incident
from app.reporting.access.sealing import ANCHOR
from app.reporting.archive import DiffersError, write_archive
from app.rewards.models import Programme, ProgrammeState
from workers.context import Workshop
from workers.one_by_one import OneByOne


def seasons(workshop: Workshop, fence: Fence) -> int:
    """Programmes whose day has come go on, each by itself, and people are told of ends; the
    operator, of roles that run out."""
    one_by_one = OneByOne(workshop.services, fence)
    one_by_one.run(go_on_next)
    done = 0
    with one_by_one.apart("letters"):
        while told := _tell_next(workshop, fence):
            done += told
    with one_by_one.apart("roles"), workshop.services.database.transaction() as session:
        fence.check(session)
        watch_roles(session, workshop.services.clock.now(session))
    one_by_one.done()
    return done


def _tell_next(workshop: Workshop, fence: Fence) -> int:
    services = workshop.services
    with services.database.transaction() as session:
        fence.check(session)
        return tell_next(session, services.clock.now(session))


def archives(workshop: Workshop, fence: Fence) -> int:
    """The archive of each season that ended, once, each by itself; without a node it waits, and
    as long as roots of days are on their way to the chain."""
    services = workshop.services
    with services.database.session() as session:
        if _roots_under_way(session):
            return 0
    one_by_one = OneByOne(services, fence)
    one_by_one.run(partial(_archive_next, workshop.settings))
    return one_by_one.done()


def _roots_under_way(session: Session) -> bool:
    """Of the access log; an archive that lacked them would differ for ever."""
    going = (OutboxState.WAITING, OutboxState.SENT)
    anchors = col(OutboxItem.kind) == ANCHOR, col(OutboxItem.state).in_(going)
    return bool(session.scalar(select(exists().where(*anchors))))


def _archive_next(settings: Settings, session: Session, now: datetime, tried: set[UUID]) -> bool:
    ended = select(Programme).where(
        col(Programme.state) == ProgrammeState.ARCHIVED, col(Programme.id).not_in(tried)
    )
    for programme in session.scalars(ended.order_by(col(Programme.id))):
        folder = settings.archive_folder / programme.slug
        if not folder.exists():
            tried.add(programme.id)
            _archive(settings, session, programme, folder, now)
            return True
    return False


def _archive(
    settings: Settings, session: Session, programme: Programme, folder: Path, now: datetime
) -> None:
    """Published for good, so only what its own audit agrees with; else the operator hears."""
    rpc, deployment = settings.chain_rpc_urls[0], settings.deployment_file
    try:
        headers = settings.chain_rpc_tokens.headers(rpc)
        write_archive(session, catalogue(), deployment, rpc, folder, headers=headers, audited=True)
    except DiffersError as error:
        detail = f"{programme.slug}: its archive waits, since the audit of it differs: {error}"
        about = str(programme.id)
        report_incident(session, code="archive_differs", detail=detail, now=now, reference=about)

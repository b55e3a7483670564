"""The jobs. Each is one round that is safe to repeat, and returns how much it did.

A job gets the workshop and the fence of its lease; it checks the fence first in every transaction
whose double would do harm.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.imports import jobs as import_jobs
from app.actions.imports.uploads import uploads_folder
from app.actions.timetable import Terms
from app.chain import confirmer, indexer, sender
from app.chain.reading import Span
from app.identity.accounts import account_for
from app.impact.catalogue import catalogue
from app.mail import send_waiting
from app.merchants.pay_outs import close_due_periods
from app.merchants.payments import expire_payments
from app.outbox.leases import Fence
from app.privacy.retention import apply_retention, rotate_epochs
from app.rewards.batching import cut_batch
from app.rewards.cells import publish_cells
from app.rewards.choosing import due_programmes
from app.rewards.imports import value_trips
from app.rewards.models import Programme
from app.rewards.terms import terms_of
from workers.context import LISTENERS, Workshop

Job = Callable[[Workshop, Fence], int]


def send(workshop: Workshop, fence: Fence) -> int:
    return sender.run(workshop.edge(fence.name), fence)


def confirm(workshop: Workshop, fence: Fence) -> int:
    return confirmer.run(workshop.edge(fence.name), fence)


def index(workshop: Workshop, fence: Fence) -> int:
    longest = workshop.settings.chain.log_range
    return indexer.run(workshop.edge(fence.name), fence, LISTENERS, Span(longest, longest))


def batch(workshop: Workshop, fence: Fence) -> int:
    """One batch per programme and round, each in a transaction of its own."""
    services = workshop.services
    with services.database.session() as session:
        programmes = due_programmes(session, services.clock.now(session))
    cut = 0
    for programme in programmes:
        with services.database.transaction() as session:
            fence.check(session)
            made = cut_batch(
                session,
                programme,
                folder=workshop.settings.artefact_folder,
                now=services.clock.now(session),
                limits=workshop.limits,
            )
            cut += made is not None
    return cut


def cells(workshop: Workshop, fence: Fence) -> int:
    """The period that ended last, per programme; nothing where nothing may be shown."""
    services = workshop.services
    with services.database.session() as session:
        on_chain = select(Programme).where(col(Programme.token_address).is_not(None))
        programmes = list(session.scalars(on_chain))
    published = 0
    for programme in programmes:
        with services.database.transaction() as session:
            fence.check(session)
            made = publish_cells(session, programme, services.clock.now(session))
            published += made is not None
    return published


def pay_out(workshop: Workshop, fence: Fence) -> int:
    """Last week's pay-outs, each once."""
    services = workshop.services
    with services.database.transaction() as session:
        fence.check(session)
        now = services.clock.now(session)
        period, cut_off = last_week(now)
        return close_due_periods(session, period=period, cut_off=cut_off, now=now)


def expire(workshop: Workshop, fence: Fence) -> int:
    services = workshop.services
    with services.database.transaction() as session:
        fence.check(session)
        return expire_payments(session, services.clock.now(session))


def import_files(workshop: Workshop, _fence: Fence) -> int:
    services = workshop.services
    tools = import_jobs.Tools(
        database=services.database,
        now=services.clock.now,
        uploads=uploads_folder(workshop.settings.home),
        catalogue=catalogue(),
        terms=_terms,
        account=lambda session, person_id, programme_id, now: (
            account_for(session, person_id, programme_id, signer=services.signer, now=now).address
        ),
        valuer=value_trips,
    )
    return import_jobs.run_import_jobs(tools)


def live(workshop: Workshop, _fence: Fence) -> int:
    """The simulated city's life; elsewhere nothing."""
    if not workshop.settings.demo:
        return 0
    from app.demo.life import life_of  # noqa: PLC0415 - nothing of it is loaded elsewhere

    life = life_of(workshop.services)
    return life.round() if life else 0


def mail(workshop: Workshop, _fence: Fence) -> int:
    return send_waiting(workshop.services)


def retention(workshop: Workshop, _fence: Fence) -> int:
    services = workshop.services
    with services.database.session() as session:
        now = services.clock.now(session)
        rotate_epochs(session, now)
        return sum(apply_retention(session, now).values())


def last_week(now: datetime) -> tuple[str, datetime]:
    """The ISO week that ended last, and the midnight (UTC) at which it did."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    cut_off = today - timedelta(days=today.weekday())
    year, week, _ = (cut_off - timedelta(days=1)).isocalendar()
    return f"{year}-W{week:02}", cut_off


def _terms(session: Session, programme_id: UUID, now: datetime) -> Terms:
    return terms_of(session, session.get_one(Programme, programme_id), now)

"""The jobs. Each is one round that is safe to repeat, and returns how much it did.

A job gets the workshop and the fence of its lease; it checks the fence first in every transaction
whose double would do harm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from app import telemetry
from app.actions.imports.jobs import run_import_jobs
from app.chain import watching
from app.chain.contracts.codec import decode_answer, encode_call
from app.chain.indexing import indexer
from app.chain.indexing.reading import Span
from app.chain.sending import confirmer, sender
from app.errors import Problem
from app.mail import send_waiting
from app.merchants.contests import refund_upheld, upheld_contests
from app.merchants.pay_outs import close_due_periods
from app.merchants.payments import expire_payments
from app.merchants.periods import last_week
from app.merchants.wiring import contest_desk
from app.outbox.leases import Fence
from app.outbox.service import incident_passed, report_incident
from app.reporting.access.sealing import (
    LogRestoredError,
    anchor_days,
    seal_log,
)
from app.reporting.facts import roll
from app.reporting.telling import LISTENERS
from app.rewards.batches.batching import cut_batch
from app.rewards.batches.cells import publish_cells
from app.rewards.batches.choosing import due_programmes
from app.rewards.batches.due import Limits
from app.rewards.models import Programme
from app.rewards.money.budget_letters import warn_short
from app.rewards.valuing.import_tools import tools_of
from workers.context import Workshop
from workers.one_by_one import OneByOne
from workers.stalled import BOOKS, LONGEST, check_jobs

log = telemetry.logger("workers")
Job = Callable[[Workshop, Fence], int]
DRAINS_FOR = 4.0  # seconds, well below the lease


def send(workshop: Workshop, fence: Fence) -> int:
    return sender.drain(workshop.edge(fence.name), fence, DRAINS_FOR)


def confirm(workshop: Workshop, fence: Fence) -> int:
    return confirmer.run(workshop.edge(fence.name), fence)


def index(workshop: Workshop, fence: Fence) -> int:
    longest = workshop.settings.chain.log_range
    return indexer.run(workshop.edge(fence.name), fence, LISTENERS, Span.up_to(longest))


def watch(workshop: Workshop, fence: Fence) -> int:
    """Each node by itself; how many didn't answer. And the round that looks at all other jobs."""
    services = workshop.services
    if workshop.has_run(LONGEST):  # the books' round has begun
        with services.database.transaction() as session:
            fence.check(session)
            check_jobs(session, services.clock.now(session), {BOOKS})
    low_for = timedelta(seconds=workshop.settings.chain.low_head_seconds)
    nodes = workshop.watched()
    return len(nodes) - watching.run(workshop.edge(fence.name), fence, nodes, low_for)


def batch(workshop: Workshop, fence: Fence) -> int:
    """One batch per programme and round, each in a transaction of its own; one that can't be cut
    stops no other."""
    services = workshop.services
    with services.database.session() as session:
        programmes = due_programmes(session, services.clock.now(session))
    cut, one_by_one = 0, OneByOne(services, fence)
    for programme in programmes:
        with one_by_one.apart(programme.slug):
            limits = _limits(workshop, fence, programme)
            with services.database.transaction() as session:
                fence.check(session)
                made = cut_batch(
                    session,
                    programme,
                    folder=workshop.settings.kept.artefacts,
                    now=services.clock.now(session),
                    limits=limits,
                )
            cut += made is not None
    one_by_one.done()
    return cut


def _limits(workshop: Workshop, fence: Fence, programme: Programme) -> Limits:
    """With what the registry lets the programme mint a day, and what a block holds now; without a
    node no batch is cut."""
    edge = workshop.edge(fence.name)
    asked = encode_call("ActionRegistry", "dailyCeiling", [programme.chain_id])
    answer = edge.client.read(edge.addresses["ActionRegistry"], asked)
    ceiling = int(decode_answer("ActionRegistry", "dailyCeiling", answer))
    most = edge.client.head().gas_limit
    gas = workshop.limits.gas if most is None else min(workshop.limits.gas, most * 9 // 10)
    return replace(workshop.limits, daily_ceiling_cents=ceiling, gas=gas)


def cells(workshop: Workshop, fence: Fence) -> int:
    """The period that ended last, per programme, each by itself; nothing where nothing may be
    shown."""
    services = workshop.services
    with services.database.session() as session:
        on_chain = select(Programme).where(col(Programme.token_address).is_not(None))
        programmes = list(session.scalars(on_chain))
    published, one_by_one = 0, OneByOne(services, fence)
    for programme in programmes:
        with one_by_one.apart(programme.slug):
            with services.database.transaction() as session:
                fence.check(session)
                made = publish_cells(session, programme, services.clock.now(session))
            published += made is not None
    one_by_one.done()
    return published


def pay_out(workshop: Workshop, fence: Fence) -> int:
    """Last week's pay-outs, each once."""
    services = workshop.services
    with services.database.transaction() as session:
        fence.check(session)
        now = services.clock.now(session)
        period, cut_off = last_week(session, now)
        return close_due_periods(session, period=period, cut_off=cut_off, now=now)


def contests(workshop: Workshop, fence: Fence) -> int:
    """What two officers upheld goes back to the card's holder, each by itself."""
    services = workshop.services
    with services.database.session() as session:
        due = upheld_contests(session)
    given_back, one_by_one = 0, OneByOne(services, fence)
    for contest_id in due:
        with one_by_one.apart(str(contest_id)):
            with services.database.transaction() as session:
                fence.check(session)
                now = services.clock.now(session)
                desk = contest_desk(services)
                given = refund_upheld(session, contest_id, desk=desk, now=now)
            given_back += given
    one_by_one.done()
    return given_back


def budgets(workshop: Workshop, fence: Fence) -> int:
    """Whoever must know is told, once, that a budget is nearly used up."""
    services = workshop.services
    with services.database.transaction() as session:
        fence.check(session)
        return warn_short(session, services.clock.now(session))


def expire(workshop: Workshop, fence: Fence) -> int:
    services = workshop.services
    with services.database.transaction() as session:
        fence.check(session)
        return expire_payments(session, services.clock.now(session))


def import_files(workshop: Workshop, _fence: Fence) -> int:
    services = workshop.services
    tools = tools_of(services, wallets=services.signer)
    return run_import_jobs(tools)


def live(workshop: Workshop, _fence: Fence) -> int:
    """The simulated city's life; elsewhere nothing."""
    if not workshop.settings.demo:
        return 0
    from app.demo import life  # noqa: PLC0415 - nothing of it is loaded elsewhere

    return life.live(workshop.services)


def mail(workshop: Workshop, _fence: Fence) -> int:
    return send_waiting(workshop.services)


def facts(workshop: Workshop, fence: Fence) -> int:
    """The last days' facts anew; the number of days."""
    services = workshop.services
    with services.database.transaction() as session:
        fence.check(session)
        return len(roll(session, services.clock.now(session)))


def seal_access_log(workshop: Workshop, fence: Fence) -> int:
    """What was read since the last round is sealed; days that have ended go to the chain."""
    services = workshop.services
    try:
        sealed = seal_log(workshop.log_database, services.clock, services.signer)
    except (LogRestoredError, Problem) as error:
        if isinstance(error, Problem) and error.code != "signer-seal-refused":
            raise
        with services.database.transaction() as session:
            now = services.clock.now(session)
            report_incident(session, code="log_not_sealed", detail=str(error), now=now)
        raise
    with services.database.transaction() as session:
        fence.check(session)
        now = services.clock.now(session)
        incident_passed(session, code="log_not_sealed", now=now)
        return sealed + anchor_days(session, now)

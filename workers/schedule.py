"""The timetable: which job runs how often. Each is single by its lease, wherever it runs.

A round that fails is logged and counted, and the next one starts as if nothing had been: jobs
resume from rows alone. How long ago a job last succeeded stands with its lease.

Who lost a job to another leaves it alone for a while, longer each time: otherwise two that both
need longer than the lease would take it from each other for ever.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from app import telemetry
from app.chain_descriptor import ChainDescriptor
from app.doors import are_open
from app.outbox.leases import Fence, LeaseLost, acquire, note_success
from workers import jobs, keeping, reconciling, recovering, season_jobs
from workers.context import Workshop

log = telemetry.logger("workers")


@dataclass(frozen=True)
class Entry:
    """`every` and `embedded` in seconds (the latter on one machine, for people who watch).

    `lease`: after so many seconds without a round another process may take over; a killed
    holder's restart waits as long. Short is safe, since writes are fenced.
    """

    name: str
    job: jobs.Job
    every: float
    embedded: float
    lease: float = 8


TIMETABLE: tuple[Entry, ...] = (
    Entry("sender", jobs.send, 1, 0.5),
    Entry("confirmer", jobs.confirm, 2, 0.5),
    Entry("indexer", jobs.index, 2, 0.5),
    Entry("watch", jobs.watch, 10, 10, lease=30),
    Entry("books", reconciling.reconcile, 60, 30, lease=30),
    Entry("proofs", reconciling.prove, 10, 2, lease=60),
    Entry("batcher", jobs.batch, 5, 2),
    Entry("cells", jobs.cells, 60, 5),
    Entry("budgets", jobs.budgets, 300, 30),
    Entry("payer", jobs.pay_out, 3600, 600),
    Entry("contests", jobs.contests, 60, 5),
    Entry("expiry", jobs.expire, 30, 10),
    Entry("recoveries", recovering.recover, 60, 10),
    Entry("seasons", season_jobs.seasons, 60, 10),
    Entry("archives", season_jobs.archives, 300, 30, lease=60),
    Entry("imports", jobs.import_files, 2, 1, lease=60),
    Entry("demo-life", jobs.live, 60, 5),
    Entry("mail", jobs.mail, 5, 1),
    Entry("facts", jobs.facts, 300, 15),
    Entry("access-log", jobs.seal_access_log, 60, 10),
    Entry("retention", keeping.retention, 3600, 3600, lease=60),
)

MOST_DOUBLINGS = 6  # of the time for which a lost job is left alone: eight minutes to an hour
CREDITS = ("batcher", "sender", "indexer")  # what a deed passes, one after another


def credited_within(chain: ChainDescriptor, *, embedded: bool) -> float:
    """Seconds from the end of a delay to the credit, at most, once enough accounts wait: each job
    was just there, the next block is just made, and its finality comes on top. What jobs and
    nodes take themselves is not in it."""
    periods = {entry.name: entry.embedded if embedded else entry.every for entry in TIMETABLE}
    blocks = 2 + chain.finality_depth
    return sum(periods[name] for name in CREDITS) + blocks * chain.block_seconds


@dataclass(frozen=True)
class Held:
    """A lease that was prolonged at `at`, by the monotonic clock."""

    fence: Fence
    at: float

    def is_fresh(self, lease: float) -> bool:
        """Whether the next round needs nothing of the database: most rounds find nothing to do."""
        return time.monotonic() - self.at < lease / 4


@dataclass
class Rounds:
    """Runs entries, and counts what became of them."""

    workshop: Workshop
    ended: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    _held: dict[str, Held] = field(default_factory=dict)
    _lost: Counter[str] = field(default_factory=Counter)  # since a round last ended well
    _left_until: dict[str, float] = field(default_factory=dict)

    def run(self, entry: Entry) -> None:
        """One round of a job, if its lease is ours; never raises."""
        try:
            done = self._round(entry)
        except LeaseLost:
            self._leave(entry)
        except Exception as error:
            self._held.pop(entry.name, None)
            self.failed[entry.name] += 1
            log.error(  # noqa: TRY400 - the stack only now and then
                "job_failed",
                job=entry.name,
                failures=self.failed[entry.name],
                error=f"{type(error).__name__}: {error}"[:500],
                exc_info=self.failed[entry.name] in (1, 10, 100),
            )
        else:
            self.failed[entry.name] = 0
            self.ended[entry.name] += 1
            if done:
                log.info("job_done", job=entry.name, done=done)

    def _round(self, entry: Entry) -> int:
        database = self.workshop.services.database
        if not are_open(database):  # nothing is done while a restored one isn't up to the chain
            return 0
        held = self._held.get(entry.name)
        fresh = held is not None and held.is_fresh(entry.lease)
        if not fresh:
            held = self._prolonged(entry)
        if held is None:
            return 0
        done = entry.job(self.workshop, held.fence)
        self._lost.pop(entry.name, None)
        if done or not fresh:
            with database.transaction() as session:
                note_success(session, held.fence)
        return done

    def _leave(self, entry: Entry) -> None:
        """To the other process that does it now."""
        self._held.pop(entry.name, None)
        self._lost[entry.name] += 1
        seconds = entry.lease * 2 ** min(self._lost[entry.name], MOST_DOUBLINGS)
        self._left_until[entry.name] = time.monotonic() + seconds
        log.warning("lease_lost", job=entry.name, left_for=seconds)

    def _prolonged(self, entry: Entry) -> Held | None:
        """None while another process has it, or it is left to one."""
        self._held.pop(entry.name, None)
        at = time.monotonic()  # before it is asked for: it ends no earlier than we think
        if at < self._left_until.get(entry.name, at):
            return None
        with self.workshop.services.database.transaction() as session:
            fence = acquire(session, entry.name, self.workshop.holder, entry.lease)
        if fence is not None:
            self._held[entry.name] = Held(fence, at)
        return self._held.get(entry.name)


def scheduler_for(rounds: Rounds, names: frozenset[str] | None = None) -> BackgroundScheduler:
    """Not started yet; all jobs, or those named. A round that is late runs once, not twice."""
    entries = [entry for entry in TIMETABLE if names is None or entry.name in names]
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(max(len(entries), 1))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone="UTC",
    )
    for entry in entries:
        seconds = entry.embedded if rounds.workshop.settings.embedded else entry.every
        scheduler.add_job(rounds.run, "interval", args=[entry], seconds=seconds, id=entry.name)
    return scheduler

"""`python -m workers [JOB ...]`: all jobs, or those named, until SIGTERM or SIGINT.

On a signal no new round starts and those under way come to their end; what is killed instead goes
on from its rows at the next start.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import sys
import threading

from app import telemetry
from app.chain.deploying.record import read_record
from app.config import ConfigError, Settings
from app.keyfiles import KeyFileError
from app.outbox.leases import release_all
from app.services import connect
from workers.context import Workshop, changed_at
from workers.schedule import TIMETABLE, Rounds, scheduler_for

log = telemetry.logger("workers")


def main(arguments: list[str]) -> int:
    telemetry.configure()
    known = {entry.name for entry in TIMETABLE}
    if unknown := set(arguments) - known:
        print(f"no such job: {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
        return 2
    try:
        workshop = _workshop(Settings.from_env(os.environ))
    except (ConfigError, KeyFileError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    _work(workshop, frozenset(arguments) or None)
    return 0


def _work(workshop: Workshop, names: frozenset[str] | None) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a late round is no news
    scheduler = scheduler_for(Rounds(workshop), names)
    scheduler.start()
    log.info("workers_ready", holder=workshop.holder)
    stop.wait()
    scheduler.shutdown(wait=True)
    with workshop.services.database.transaction() as session:
        release_all(session, workshop.holder)
    workshop.services.database.dispose()
    log.info("workers_ended")


def _workshop(settings: Settings) -> Workshop:
    read_at = changed_at(settings.deployment_file)  # first: what changes meanwhile is read again
    return Workshop(
        services=connect(settings, name="civis-workers"),
        deployment=read_record(settings.deployment_file),
        read_at=read_at,
        holder=f"{os.uname().nodename}:{os.getpid()}:{secrets.token_hex(4)}",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

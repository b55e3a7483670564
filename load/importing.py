"""A partner's file from upload to end beside a raw COPY of the same rows, and its memory.

Each import runs in a process of its own, `python -m load.importing HOME ROWS`, since the most
memory that a process ever held can't be asked for twice.
"""

from __future__ import annotations

import json
import os
import resource
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import IO
from uuid import UUID

import psycopg

from app.actions.attestation import Signed
from app.actions.imports.jobs import run_import_jobs
from app.actions.imports.rows import read_rows
from app.actions.imports.statement import build
from app.actions.imports.submit import Upload, read_options, submit
from app.actions.imports.uploads import stored_upload, uploads_folder
from app.actions.models import ImportJob
from app.chain import typed
from app.config import DatabaseRole, Settings
from app.db import uuid7
from app.identity.models import Organisation, OrganisationKind
from app.impact.catalogue import catalogue
from app.rewards.valuing.import_tools import tools_of
from app.services import Services, connect
from load.place import ROOT, database, environ, temporary_home
from load.result import Result, at_least, at_most, beside
from load.trips import link_riders, write_trips
from tests.support.city import DOMAIN, City, Wallets
from tests.support.partner import HEAD, Partner

NAMES = HEAD.split(",")
FEW, MANY = 10_000, 100_000
TARGET, FLAT = 0.05, 1.1
COPIES = 5
_TABLE = f"""
    create table copied (
        organisation_id uuid not null default '{uuid7()}', {", ".join(f"{n} text" for n in NAMES)},
        primary key (organisation_id, trip_id)
    )
"""  # as imported_trip has it
_COPY = f"copy copied ({', '.join(NAMES)}) from stdin with (format csv, header)"


def measure() -> Iterator[Result]:
    """On a database of its own; both sides over the larger file."""
    with temporary_home() as home, database(home):
        few, many = _in_process(home, FEW), _in_process(home, MANY)
    yield at_least("import, end to end", many["rate"], many["copy_rate"], "rows/s", TARGET)
    yield at_most("import, most memory at ten times the rows", many["mib"], few["mib"], "MiB", FLAT)
    yield beside("import, rows rewarded to a rider", many["accepted"], "rows", MANY)


def _in_process(home: Path, rows: int) -> dict[str, float]:
    command = [sys.executable, "-m", "load.importing", str(home), str(rows)]
    done = subprocess.run(
        command, cwd=ROOT, env=environ(home), check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def run(home: Path, rows: int) -> dict[str, float]:
    """One file through the import, then through COPY."""
    services = connect(Settings.from_env({**os.environ, "CIVIS_HOME": str(home)}))
    try:
        partner = _partner(services)
        file = home / "trips.csv"
        write_trips(file, rows, partner.now)
        seconds, counts = _imported(partner, file)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        copied = _copied(services, file)
    finally:
        services.database.dispose()
    return {
        "rate": rows / seconds,
        "copy_rate": rows / copied,
        "mib": memory,
        "accepted": counts["accepted"],
    }


def _partner(services: Services) -> Partner:
    """With linked riders, and money for all that they will do."""
    with services.database.transaction() as session:
        now = services.clock.now(session).replace(microsecond=0)
        city = City(session, now)
        organisation = city.organisation(OrganisationKind.PARTNER)
        organisation.actions_per_day, organisation.reward_cents_per_day = 10**6, 10**8
        programme = city.programme(funded=10**8)
        key = city.organisation_keys[organisation.id]
        partner = Partner(services, organisation.id, programme.id, key, now)
    link_riders(partner)
    return partner


def _imported(partner: Partner, file: Path) -> tuple[float, dict[str, int]]:
    """Seconds from the stored upload to the job's end; the partner's own signing is not ours."""
    seed = secrets.token_bytes(32)
    with file.open(encoding="utf-8", newline="") as lines:
        tree = build(partner.services.settings.home / "partner.tree", seed, read_rows(lines))
    said = int(partner.now.timestamp())
    struct = typed.ImportStatement(typed.address_of(partner.key), tree.root, tree.count, said)
    signature = typed.sign(typed.import_statement_digest(DOMAIN, struct), partner.key)
    begun = time.perf_counter()
    with file.open("rb") as source:
        job_id = _hand_in(partner, source, Upload("", seed, Signed(struct, signature)))
    run_import_jobs(tools_of(partner.services, wallets=Wallets()))
    seconds = time.perf_counter() - begun
    with partner.services.database.session() as session:
        job = session.get_one(ImportJob, job_id)
        if job.state != "done" or not job.counts.get("accepted"):
            raise RuntimeError(f"the import ended as {job.state}: {job.error} {job.counts}")
        return seconds, job.counts


def _hand_in(partner: Partner, source: IO[bytes], upload: Upload) -> UUID:
    """As the API takes a file: on disk for certain, then a job that waits."""
    database = partner.services.database
    folder = uploads_folder(partner.services.settings.home)
    with stored_upload(folder, source) as path, database.transaction() as session:
        organisation = session.get_one(Organisation, partner.organisation_id)
        return submit(
            session,
            organisation=organisation,
            programme_id=partner.programme_id,
            options=read_options({}, organisation, catalogue()),
            upload=replace(upload, stored_as=path.name),
            domain=DOMAIN,
            by=None,
            now=partner.now,
        ).id


def _copied(services: Services, file: Path) -> float:
    """Median seconds of a COPY of the same rows, in one transaction, into the same primary key.

    A COPY is over in a blink: one alone would say more of the machine's other work than of it.
    """
    url = services.settings.database_url(DatabaseRole.MIGRATOR).replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        return median(_copied_once(connection, file) for _ in range(COPIES))


def _copied_once(connection: psycopg.Connection[tuple[object, ...]], file: Path) -> float:
    connection.execute(_TABLE)
    connection.commit()
    begun = time.perf_counter()
    with connection.cursor().copy(_COPY) as copy, file.open("rb") as source:
        while part := source.read(1 << 16):
            copy.write(part)
    connection.commit()
    seconds = time.perf_counter() - begun
    connection.execute("drop table copied")
    connection.commit()
    return seconds


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), int(sys.argv[2]))))

"""A partner's import from upload to end: stored first, worked in chunks, deleted at the end.

Each chunk is one transaction that also moves the resume point, so a kill at any instant loses
and repeats nothing. The upload and its spool are gone when the job has ended, failed too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import psycopg
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.imports import defects
from app.actions.imports.chunks import Chunk, chunks
from app.actions.imports.frame import Frame, Hashes, Look, Verdict
from app.actions.imports.intake import judge
from app.actions.imports.options import Options
from app.actions.imports.pace import made_ahead, rarely_collected
from app.actions.imports.rows import BadFileError
from app.actions.imports.standing_still import JobFailedError, StandsStillError, check_goes_on
from app.actions.imports.statement import RowTree, build, paths, reopen, row_salt
from app.actions.imports.uploads import opened_rows, sweep
from app.actions.imports.writing import BulkValuer, Desk, write_chunk
from app.actions.models import Attestation, ImportJob, ImportResult
from app.actions.timetable import Terms
from app.db import Database
from app.errors import Problem
from app.identity.models import Organisation
from app.impact.catalogue import Catalogue

CHUNK = 5000
ORPHANED_SECONDS = 3600
OPEN_STATES = ("waiting", "running")

_NO_WAIT = text("set local synchronous_commit = off")


@dataclass(frozen=True)
class Tools:
    """What a worker lends: clock, catalogue, the programme's terms, its money, its accounts."""

    database: Database
    now: Callable[[Session], datetime]
    uploads: Path
    catalogue: Catalogue
    terms: Callable[[Session, UUID, datetime], Terms]
    addresses: Callable[[Session, Collection[UUID], UUID, datetime], Mapping[UUID, str]]
    valuer: BulkValuer


def run_import_jobs(tools: Tools) -> int:
    """Works every open job to its end, oldest first; returns how many ended. One whose programme
    is paused holds up no other."""
    ended, still = 0, set[UUID]()
    sweep(tools.uploads, _wanted(tools), older_than=ORPHANED_SECONDS)
    while (job := _next(tools, still)) is not None:
        try:
            _work(tools, job)
            ended += 1
        except StandsStillError:
            still.add(job.id)
    return ended


def _wanted(tools: Tools) -> set[str]:
    with tools.database.session() as session:
        query = select(col(ImportJob.stored_as)).where(col(ImportJob.state).in_(OPEN_STATES))
        return {name for name in session.scalars(query) if name}


def _next(tools: Tools, still: Collection[UUID]) -> ImportJob | None:
    with tools.database.session() as session:
        query = select(ImportJob).where(
            col(ImportJob.state).in_(OPEN_STATES), col(ImportJob.id).not_in(still)
        )
        return session.scalars(query.order_by(col(ImportJob.id)).limit(1)).first()


def _work(tools: Tools, job: ImportJob) -> None:
    """Files go before the job ends, so that none outlives it; a kill in between is an end too."""
    upload = tools.uploads / (job.stored_as or "none")
    spool = upload.with_suffix(".tree")
    error = None if upload.exists() else _missing(job)
    if upload.exists():
        error = _work_upload(tools, job, upload, spool)
    for path in (upload, spool):
        path.unlink(missing_ok=True)
    _finish(tools, job.id, error=error)


def _missing(job: ImportJob) -> str | None:
    complete = job.rows_total is not None and job.rows_done >= job.rows_total
    return None if complete else "upload-missing"


def _work_upload(tools: Tools, job: ImportJob, upload: Path, spool: Path) -> str | None:
    """What went wrong, or None. What time heals, such as a database away, is tried again later."""
    try:
        with rarely_collected():
            tree = _prepare(tools, job, upload, spool)
            _work_rows(tools, job, upload, tree)
    except JobFailedError as failure:
        return failure.code
    except BadFileError as bad:
        return f"{bad.code} {bad.detail}".strip()
    except StandsStillError:
        raise
    except Exception as error:
        if defects.heals(error):
            raise
        if isinstance(error, Problem):  # such as a programme that is gone
            return error.code
        with tools.database.transaction() as session:
            defects.report_defect(session, job.id, error, tools.now(session))
        return defects.CODE
    return None


def _prepare(tools: Tools, job: ImportJob, upload: Path, spool: Path) -> RowTree:
    """The tree of the rows, once it is the one that the partner signed."""
    seed = job.salt_seed or b""
    if job.rows_total is not None and spool.exists():
        return reopen(spool, job.rows_total)
    with opened_rows(upload) as rows:
        tree = build(spool, seed, rows)
    with tools.database.transaction() as session:
        _check_signed(session, job, tree)
        found = _lock(session, job.id)
        found.state, found.rows_total = "running", tree.count
    return tree


def _check_signed(session: Session, job: ImportJob, tree: RowTree) -> None:
    """Raises JobFailedError unless the statement names this root and this many rows."""
    if job.statement_digest is None:
        raise JobFailedError("import-unsigned")
    said = session.get_one(Attestation, job.statement_digest).statement
    if said["root"] != "0x" + tree.root.hex() or said["rows"] != tree.count:
        raise JobFailedError("statement-root-differs")


def _work_rows(tools: Tools, job: ImportJob, upload: Path, tree: RowTree) -> None:
    """A first look is taken at the next rows while the database writes these."""
    with tools.database.session() as session:
        hashes = Hashes.of(session, job.organisation_id)
        by = Look(_options(session, job), hashes, tools.now(session))
    with opened_rows(upload) as rows, made_ahead(chunks(by, rows, job.rows_done, CHUNK)) as ahead:
        for chunk in ahead:
            _work_chunk(tools, job, tree, chunk)


def _work_chunk(tools: Tools, job: ImportJob, tree: RowTree, chunk: Chunk) -> None:
    """One transaction. What collides with somebody else's write is halved down to its row.

    Only the last one waits for the disk, and by that for all before it: one that is lost when the
    database's machine fails took its resume point along, and is done again from the upload.
    """
    try:
        with tools.database.transaction() as session:
            if chunk.rows[-1][0] < tree.count:
                session.execute(_NO_WAIT)
            _one_chunk(session, tools, job, tree, chunk)
    except (IntegrityError, psycopg.IntegrityError):  # the latter from a COPY
        if len(chunk.rows) == 1:
            _collided(tools, job.id, chunk.rows[0][0])
            return
        for half in chunk.halves():
            _work_chunk(tools, job, tree, half)


def _one_chunk(session: Session, tools: Tools, job: ImportJob, tree: RowTree, chunk: Chunk) -> None:
    now = tools.now(session)
    found = _lock(session, job.id)
    terms = tools.terms(session, job.programme_id, now)
    check_goes_on(terms)
    frame = frame_of(session, tools.catalogue, found, terms, now)
    desk = Desk(
        addresses=lambda people: tools.addresses(session, people, job.programme_id, now),
        valuer=tools.valuer,
        paths=lambda numbers: _proofs(job, tree, numbers),
        statement_digest=found.statement_digest,
    )
    judge(session, frame, chunk.by.hashes, chunk.verdicts)
    counts = write_chunk(session, frame, desk, job.id, chunk.verdicts)
    _count(found, counts, chunk.rows[-1][0])


def frame_of(
    session: Session, catalogue: Catalogue, job: ImportJob, terms: Terms, now: datetime
) -> Frame:
    action_type = catalogue.action_type(_options(session, job).action_type_id)
    return Frame(job.id, job.organisation_id, terms, action_type, now)


def _options(session: Session, job: ImportJob) -> Options:
    partner = session.get_one(Organisation, job.organisation_id)
    return Options.from_json(job.options, default_zone=partner.time_zone)


def _proofs(job: ImportJob, tree: RowTree, numbers: Sequence[int]) -> Iterator[dict[str, object]]:
    seed = job.salt_seed or b""
    for number, path in zip(numbers, paths(tree, numbers), strict=True):
        yield {
            "row": number,
            "rows": tree.count,
            "salt": "0x" + row_salt(seed, number).hex(),
            "path": ["0x" + one.hex() for one in path],
        }


def _collided(tools: Tools, job_id: UUID, number: int) -> None:
    verdict = Verdict(number, "conflict", "trip-overlaps")
    with tools.database.transaction() as session:
        found = _lock(session, job_id)
        row = {"job_id": job_id, "row_number": number, "result": verdict.result}
        session.execute(insert(ImportResult).values(**row, reason_code=verdict.reason))
        _count(found, {verdict.result: 1}, number)


def _count(job: ImportJob, counts: dict[str, int], rows_done: int) -> None:
    """Assigned anew, since a changed dict would not be noticed."""
    total = dict(job.counts)
    for result, more in counts.items():
        total[result] = total.get(result, 0) + more
    job.counts, job.rows_done = total, rows_done


def _finish(tools: Tools, job_id: UUID, *, error: str | None) -> None:
    with tools.database.transaction() as session:
        job = _lock(session, job_id)
        job.state = "done" if error is None else "failed"
        job.error, job.finished_at = error, tools.now(session)
        job.stored_as, job.salt_seed = None, None


def _lock(session: Session, job_id: UUID) -> ImportJob:
    return session.get_one(ImportJob, job_id, with_for_update=True, populate_existing=True)

"""Handing a file in: the partner's statement is checked and kept, the job waits for a worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.attestation import Provenance, Signed, keep
from app.actions.imports import problems
from app.actions.imports.options import BadOptionsError, Options
from app.actions.keys import check_organisation, check_organisation_key
from app.actions.models import ImportJob, ImportResult
from app.chain import typed
from app.errors import NotFound, Problem
from app.identity.models import KeyCustody, Organisation, OrganisationKind
from app.impact.catalogue import Catalogue, UnknownActionTypeError
from app.paging import page

__all__ = [
    "Upload",
    "failure",
    "find_job",
    "jobs_of",
    "problems",
    "read_options",
    "reasons_of",
    "submit",
]

KIND = "import"


@dataclass(frozen=True)
class Upload:
    """A stored file; `seed` is what its rows are salted with, `signed` the partner's word."""

    stored_as: str
    seed: bytes
    signed: Signed[typed.ImportStatement]


def read_options(
    given: dict[str, object], organisation: Organisation, catalogue: Catalogue
) -> Options:
    """Raises Problem import-options."""
    try:
        options = Options.from_json(given, default_zone=organisation.time_zone)
        action_type = catalogue.action_type(options.action_type_id)
    except (BadOptionsError, UnknownActionTypeError, TypeError, ValueError) as error:
        raise Problem("import-options", field="options", what=str(error)) from error
    if action_type.unit != "m" or "measured" not in action_type.proof_levels:
        raise Problem("import-options", field="options", what="action_type")
    return options


def submit(
    session: Session,
    *,
    organisation: Organisation,
    programme_id: UUID,
    options: Options,
    upload: Upload,
    domain: typed.Domain,
    by: UUID | None,
    now: datetime,
) -> ImportJob:
    """A job that waits. Raises Problem not-a-partner, import-forged, attestation-replayed."""
    check_partner(organisation, now)
    digest = _check_signed(upload.signed, organisation, domain)
    address, custody = upload.signed.struct.partner, organisation.key_custody
    signer = Provenance(organisation.id, address, custody or KeyCustody.SERVER, KIND)
    keep(session, upload.signed, digest, signer, now)
    job = ImportJob(
        organisation_id=organisation.id,
        programme_id=programme_id,
        created_by=by,
        created_at=now,
        state="waiting",
        stored_as=upload.stored_as,
        options=options.to_json(),
        salt_seed=upload.seed,
        statement_digest=digest,
    )
    session.add(job)
    session.flush()
    return job


def check_partner(organisation: Organisation, now: datetime) -> None:
    if organisation.kind is not OrganisationKind.PARTNER:
        raise Problem("not-a-partner")
    check_organisation(organisation)
    check_organisation_key(organisation, now)


def find_job(session: Session, job_id: UUID, organisation_id: UUID) -> ImportJob:
    """The organisation's own job. Raises NotFound."""
    job = session.get(ImportJob, job_id)
    if job is None or job.organisation_id != organisation_id:
        raise NotFound
    return job


def jobs_of(
    session: Session, organisation_id: UUID, *, cursor: str | None, limit: int
) -> tuple[Sequence[ImportJob], str | None]:
    """The organisation's jobs, newest first, and the cursor of what follows."""
    own = select(ImportJob).where(col(ImportJob.organisation_id) == organisation_id)
    return page(session, own, key=ImportJob.id, cursor=cursor, limit=limit)


def reasons_of(session: Session, job: ImportJob) -> list[tuple[str, int]]:
    """How many rows were not taken for which reason, most first."""
    r, count = ImportResult, func.count()
    query = (
        select(col(r.reason_code), count)
        .where(col(r.job_id) == job.id, col(r.reason_code).is_not(None))
        .group_by(col(r.reason_code))
        .order_by(count.desc(), col(r.reason_code))
    )
    return [(code or "", number) for code, number in session.execute(query)]


def failure(job: ImportJob) -> Problem | None:
    """Why the job failed, in words; what went wrong with the whole file, not with a row."""
    if job.error is None:
        return None
    code, _, what = job.error.partition(" ")
    return Problem(code, field="file", what=what)


def _check_signed(
    signed: Signed[typed.ImportStatement], organisation: Organisation, domain: typed.Domain
) -> bytes:
    """The statement's digest, once it is this partner's own word. Raises import-forged."""
    digest = typed.import_statement_digest(domain, signed.struct)
    if signed.struct.partner != organisation.key_address:
        raise Problem("import-forged", field="partner")
    try:
        signer = typed.recover(digest, signed.signature)
    except typed.BadSignature:
        raise Problem("import-forged", field="signature") from None
    if signer != organisation.key_address:
        raise Problem("import-forged", field="signature")
    return digest

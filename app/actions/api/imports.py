"""A partner's files: handed in, followed, and their results row by row."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import select
from sqlmodel import col

from app.actions.api.attestations import domain
from app.actions.api.blueprint import blueprint
from app.actions.api.import_schemas import ImportList, ImportOut, NewImport, SigningOut
from app.actions.attestation import Signed
from app.actions.imports.problems import ROW_REASONS
from app.actions.imports.rows import BadFileError
from app.actions.imports.statement import build
from app.actions.imports.submit import (
    Upload,
    check_partner,
    failure,
    find_job,
    jobs_of,
    read_options,
    submit,
)
from app.actions.imports.uploads import MAX_UPLOAD, opened_rows, stored_upload, uploads_folder
from app.actions.keys import check_organisation_key
from app.actions.models import ImportJob, ImportResult
from app.actions.rules import check_programme
from app.chain import typed
from app.context import db_session, language, now, services
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import KeyCustody, Organisation, Role
from app.impact.catalogue import catalogue
from app.json_depth import check_depth
from app.limits import limited
from app.openapi import answers, declared, load_form, query, streams, uploads
from app.paging import PageQuery
from app.rewards.valuing.authenticate import programme_of
from app.rewards.valuing.terms import terms_of
from app.security import principal, requires, session_token
from app.services import Services

_OPTIONS = ("action_type", "time_zone", "time_zone_column")
_JSON_OPTIONS = ("time_zones", "duration_in_milliseconds_for")
View = Callable[..., Any]


def large_upload(view: View) -> View:
    """Lets a file of this size in; what is not in memory lies in a temporary file."""
    declared(view).body = NewImport

    @wraps(view)
    def allowed(*args: Any, **kwargs: Any) -> Any:
        request.max_content_length = MAX_UPLOAD
        return view(*args, **kwargs)

    return allowed


def own_organisation() -> Organisation:
    return db_session().get_one(Organisation, principal().organisation(Role.PARTNER))


@blueprint.post("/imports")
@requires(Role.PARTNER)
@limited("imports", quota=60, window=600)
@large_upload
@idempotent
@uploads("multipart/form-data")
@answers(ImportOut, status=202)
def hand_in() -> tuple[dict[str, Any], dict[str, str]]:
    """Stores a file of trips and answers with its job; rows are judged by a worker."""
    job = take_in(load_form(NewImport))
    return _shown(job), {"Location": f"/api/v1/imports/{job.id}"}


def take_in(form: dict[str, Any]) -> ImportJob:
    """The request's file as a job of the partner's. Raises Problem and keeps nothing."""
    organisation, at = own_organisation(), now()
    check_partner(organisation, at)
    check_programme(terms_of(db_session(), programme_of(db_session(), form["programme_id"]), at))
    options = read_options(_options(form), organisation, catalogue())
    given = request.files.get("file")
    if given is None or not given.filename:
        raise Problem("import-missing-file", field="file")
    folder = uploads_folder(services().settings.home)
    with stored_upload(folder, given.stream) as path:
        return submit(
            db_session(),
            organisation=organisation,
            programme_id=form["programme_id"],
            options=options,
            upload=_upload(form, organisation, path, int(at.timestamp())),
            domain=domain(),
            by=principal().person_id,
            now=at,
        )


def _shown(job: ImportJob) -> dict[str, Any]:
    problem = failure(job)
    return job.model_dump() | {"problem": problem and asdict(problem.sentence(language()))}


def _options(form: dict[str, Any]) -> dict[str, Any]:
    options = {name: form[name] for name in _OPTIONS if form[name] is not None}
    for name in _JSON_OPTIONS:
        if form[name] is not None:
            try:
                check_depth(form[name])
                options[name] = json.loads(form[name])
            except ValueError as error:
                raise Problem("import-options", field=name, what=name) from error
    return options


def _upload(form: dict[str, Any], organisation: Organisation, path: Path, at: int) -> Upload:
    partner = str(organisation.key_address)
    said = [form[name] for name in ("seed", "root", "rows", "stated_at", "signature")]
    if None not in said:
        seed, root, rows, stated_at, signature = said
        struct = typed.ImportStatement(partner, root, rows, stated_at)
        return Upload(path.name, seed, Signed(struct, signature))
    if any(part is not None for part in said) or organisation.key_custody is KeyCustody.BROWSER:
        raise Problem("import-unsigned", field="signature")
    return _signed_here(partner, path, at)


def _signed_here(partner: str, path: Path, at: int) -> Upload:
    """The signer signs with the key that it keeps for the partner; figures count this apart."""
    seed, spool = secrets.token_bytes(32), path.with_suffix(".tree")
    try:
        with opened_rows(path) as rows:
            tree = build(spool, seed, rows)
    except BadFileError as error:
        raise Problem(error.code, field="file", what=error.detail) from error
    finally:
        spool.unlink(missing_ok=True)
    struct = typed.ImportStatement(partner, tree.root, tree.count, at)
    signer = services().signer.for_session(session_token())
    return Upload(path.name, seed, Signed(struct, signer.sign_statement(partner, struct)))


@blueprint.get("/imports/signing")
@requires(Role.PARTNER)
@answers(SigningOut)
def signing() -> dict[str, Any]:
    """For which key and contract the partner signs the root of its rows."""
    organisation = own_organisation()
    check_organisation_key(organisation, now())
    return {"partner": organisation.key_address, **asdict(domain())}


@blueprint.get("/imports")
@requires(Role.PARTNER)
@query(PageQuery)
@answers(ImportList)
def own_imports(query: dict[str, Any]) -> dict[str, Any]:
    """The partner's files, newest first."""
    rows, cursor = jobs_of(db_session(), principal().organisation(Role.PARTNER), **query)
    return {"items": [_shown(row) for row in rows], "next_cursor": cursor}


@blueprint.get("/imports/<uuid:job_id>")
@requires(Role.PARTNER)
@answers(ImportOut, etag=True)
def follow(job_id: UUID) -> dict[str, Any]:
    """How far a job is."""
    return _shown(find_job(db_session(), job_id, principal().organisation(Role.PARTNER)))


@blueprint.get("/imports/<uuid:job_id>/results")
@requires(Role.PARTNER)
@streams("application/x-ndjson")
def results(job_id: UUID) -> Response:
    """What became of each row so far, in the file's order, one JSON object a line."""
    return told_by_row(job_id)


def told_by_row(job_id: UUID) -> Response:
    """The results of one of the partner's own jobs, as a stream. Raises NotFound."""
    job = find_job(db_session(), job_id, principal().organisation(Role.PARTNER))
    return Response(_lines(services(), job.id, language()), mimetype="application/x-ndjson")


def _lines(parts: Services, job_id: UUID, spoken: str) -> Iterator[str]:
    """Read in a session of its own, since the request's ends before the last line leaves."""
    query = (
        select(
            col(ImportResult.row_number), col(ImportResult.result), col(ImportResult.reason_code)
        )
        .where(col(ImportResult.job_id) == job_id)
        .order_by(col(ImportResult.row_number))
        .execution_options(yield_per=1000)
    )
    with parts.database.session() as session:
        for number, result, code in session.execute(query):
            line = {"row": number, "result": result}
            if code is not None:
                line |= {"reason_code": code, "reason": ROW_REASONS[code].get(spoken, code)}
            yield json.dumps(line, ensure_ascii=False) + "\n"

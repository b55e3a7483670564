"""A partner's desk: hand a file in, see how far it is and what became of its rows, link a rider."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for
from sqlalchemy import select
from sqlmodel import col

from app.actions.api.import_schemas import NewImport, NewLink
from app.actions.api.imports import large_upload, own_organisation, take_in, told_by_row
from app.actions.imports import links
from app.actions.imports.problems import ROW_REASONS
from app.actions.imports.submit import failure, find_job, jobs_of, reasons_of
from app.actions.models import ImportJob
from app.context import db_session, language, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import KeyCustody, Role
from app.impact.catalogue import catalogue
from app.openapi import load_form
from app.rewards.models import Programme, ProgrammeState
from app.security import principal, requires
from app.web.shell import page, to
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l
from app.web.words import locale

blueprint = Blueprint("imports", __name__)
OPEN = ("waiting", "running")
SHOWN = 20
RESULT_WORDS = {
    "accepted": _l("kept for a linked rider"),
    "replaced": _l("corrected"),
    "unchanged": _l("known already"),
    "summed": _l("without a rider: in the daily sums"),
    "unlinked": _l("of a rider who is not linked: not kept"),
    "refused": _l("refused rows"),
    "conflict": _l("in conflict with what is known"),
}
STATES = {
    "waiting": _l("waiting"),
    "running": _l("being read"),
    "done": _l("read"),
    "failed": _l("not taken"),
}


@blueprint.get("/imports")
@requires(Role.PARTNER)
def home() -> Response:
    return _home(None)


def _home(problem: Problem | None) -> Response:
    session, organisation = db_session(), own_organisation()
    rows, cursor = jobs_of(session, organisation.id, cursor=request.args.get("cursor"), limit=SHOWN)
    running = select(Programme).where(col(Programme.state) == ProgrammeState.RUNNING)
    return page(
        "imports/home.html",
        problem=problem,
        partner=organisation,
        signs_here=organisation.key_custody is KeyCustody.SERVER,
        programmes=[(str(one.id), one.name[locale()]) for one in session.scalars(running)],
        types=_trip_types(),
        form=request.form,
        jobs=[_shown(row) for row in rows],
        next_url=url_for("imports.home", cursor=cursor) if cursor else None,
    )


def _trip_types() -> list[tuple[str, str]]:
    """What a file may hold: types in metres that a partner can measure."""
    return [
        (one.id, one.name[locale()])
        for one in catalogue().action_types()
        if one.unit == "m" and "measured" in one.proof_levels
    ]


def _shown(job: ImportJob) -> SimpleNamespace:
    problem = failure(job)
    return SimpleNamespace(
        id=job.id,
        at=job.created_at,
        done=job.rows_done,
        total=job.rows_total,
        open=job.state in OPEN,
        state=STATES[job.state],
        failed=problem.sentence(language()) if problem else None,
        counts=[
            (RESULT_WORDS[name], job.counts[name]) for name in RESULT_WORDS if name in job.counts
        ],
    )


@blueprint.post("/imports")
@large_upload
@requires(Role.PARTNER)
@idempotent
def hand_in() -> Response:
    try:
        job = take_in(load_form(NewImport))
    except Problem as problem:
        db_session().rollback()
        return _home(problem)
    return to("imports.one", job_id=job.id)


@blueprint.get("/imports/<uuid:job_id>")
@requires(Role.PARTNER)
def one(job_id: UUID) -> Response:
    job = find_job(db_session(), job_id, principal().organisation(Role.PARTNER))
    spoken = language()
    reasons = [] if job.state in OPEN else reasons_of(db_session(), job)
    return page(
        "imports/one.html",
        job=_shown(job),
        reasons=[(ROW_REASONS[code][spoken], number) for code, number in reasons],
    )


@blueprint.get("/imports/<uuid:job_id>/results.ndjson")
@requires(Role.PARTNER)
def results(job_id: UUID) -> Response:
    answer = told_by_row(job_id)
    answer.headers["Content-Disposition"] = f'attachment; filename="{job_id}.ndjson"'
    return answer


@blueprint.post("/imports/riders")
@requires(Role.PARTNER)
@idempotent
def link_rider() -> Response:
    """The rider is whoever gave the code."""
    try:
        given = load_form(NewLink)
        links.link_rider(db_session(), organisation_id=own_organisation().id, now=now(), **given)
    except Problem as problem:
        db_session().rollback()
        return _home(problem)
    flash(_("The rider is linked: their trips are kept from now on."), "success")
    return to("imports.home")

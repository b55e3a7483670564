"""What card holders contest: one officer proposes what becomes of it, another confirms."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

from flask import Response, request

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Organisation, Role
from app.merchants.contest_models import Contest
from app.merchants.contests import open_contests, propose_decision
from app.merchants.models import Payment
from app.security import principal, requires
from app.web import formats
from app.web.office.overview import blueprint
from app.web.shell import page, to
from app.web.telling.payment_view import REASON_WORDS


@blueprint.get("/office/contests")
@requires(Role.OFFICER)
def contests() -> Response:
    return _contests(None)


def _contests(problem: Problem | None) -> Response:
    rows = open_contests(db_session())
    return page("office/contests.html", problem=problem, contests=[_shown(row) for row in rows])


def _shown(row: Contest) -> SimpleNamespace:
    payment = db_session().get_one(Payment, row.payment_id)
    return SimpleNamespace(
        id=row.id,
        shop=db_session().get_one(Organisation, payment.merchant_id).name,
        code=payment.short_code,
        amount_cents=payment.amount_cents,
        paid=formats.moment(payment.accepted_at or payment.created_at),
        since=formats.moment(row.opened_at),
        reason=str(REASON_WORDS[row.reason]),
    )


@blueprint.post("/office/contests/<uuid:contest_id>")
@requires(Role.OFFICER)
@idempotent
def decide_contest(contest_id: UUID) -> Response:
    upheld, by = request.form.get("upheld") == "yes", principal().person_id
    try:
        propose_decision(db_session(), contest_id=contest_id, upheld=upheld, by=by, now=now())
    except Problem as problem:
        db_session().rollback()
        return _contests(problem)
    return to("office.decisions")


@blueprint.get("/office/contests/<uuid:contest_id>")
@requires(Role.OFFICER)
def after_contest(contest_id: UUID) -> Response:  # noqa: ARG001 - of the address
    return to("office.contests")

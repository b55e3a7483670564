"""The officer makes cards: a batch, printed once."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.api.cards import pdf_of
from app.identity.cards import service as cards
from app.identity.cards.schemas import NewCardBatch
from app.identity.models import Role
from app.limits import limited
from app.security import principal, requires
from app.web import forms
from app.web.counter.visits import blueprint, front
from app.web.shell import to


@blueprint.post("/counter/batches")
@requires(Role.OFFICER)
@limited("card-batch", quota=10, window=3600)
@idempotent
def make_batch() -> Response:
    try:
        said = forms.load(NewCardBatch, {"count": forms.number("count")})
        by = principal().person_id
        cards.make_batch(db_session(), count=said["count"], by=by, now=now())
    except Problem as problem:
        db_session().rollback()
        return front(problem)
    return to("counter.home", _anchor="batches")


@blueprint.post("/counter/batches/<uuid:batch_id>/pdf")
@requires(Role.OFFICER)
def print_batch(batch_id: UUID) -> Response:
    """The cards are made with this answer and stored in it alone."""
    try:
        return pdf_of(batch_id)
    except Problem as problem:
        db_session().rollback()
        return front(problem)


@blueprint.get("/counter/batches")
@blueprint.get("/counter/batches/<uuid:batch_id>/pdf")
@requires(Role.OFFICER)
def after_batch(batch_id: UUID | None = None) -> Response:  # noqa: ARG001 - of the address
    return to("counter.home")

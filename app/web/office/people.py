"""The officer's page of people with roles: who holds which until when, proposing and ending."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Response, request, url_for
from sqlalchemy import select
from sqlmodel import col

from app.clock import city_day
from app.context import db_session, now
from app.errors import Problem
from app.governance import roles
from app.idempotency import idempotent
from app.identity import service as identity
from app.identity.models import Organisation, OrganisationKind, Role, RoleGrant
from app.paging import DEFAULT_LIMIT
from app.paging import page as page_of
from app.privacy.service import fetch_keys
from app.security import principal, requires
from app.web import forms
from app.web.office.overview import blueprint
from app.web.shell import page, to
from app.web.telling import people_view
from app.web.words import gettext as _


@blueprint.get("/office/people")
@requires(Role.OFFICER)
def people() -> Response:
    return _people({}, None)


def _people(form: dict[str, str], problem: Problem | None) -> Response:
    session, at, cursor_here = db_session(), now(), request.args.get("cursor")
    rows, cursor = page_of(
        session,
        roles.current_grants(at),
        key=RoleGrant.id,
        cursor=cursor_here,
        limit=DEFAULT_LIMIT,
    )
    fetch_keys(db_session(), {row.person_id for row in rows})
    shown = [people_view.shown(row) for row in rows]
    chosen = request.args.get("prolong", type=UUID)
    prolonged = next((one for one in shown if one.id == chosen and one.prolonging), None)
    proposed = {"last_day": city_day(session, at + timedelta(days=365)).isoformat()}
    if prolonged is not None:
        proposed = prolonged.prolonging
    session.commit()  # reading addresses is recorded, though this is a GET
    return page(
        "office/people.html",
        problem=problem,
        form=proposed | form,
        prolonged=prolonged,
        cursor=cursor_here,
        people=shown,
        alone=len(roles.holders(session, Role.OFFICER, at)) < 2,
        roles=[(role.value, str(people_view.ROLE_WORDS[role])) for role in roles.GIVEN],
        organisations=[("", _("none: the city itself")), *_organisations()],
        next_url=url_for("office.people", cursor=cursor) if cursor else None,
    )


def _organisations() -> list[tuple[str, str]]:
    query = select(Organisation).where(col(Organisation.kind) != OrganisationKind.CITY)
    rows = db_session().scalars(query.order_by(col(Organisation.name)))
    return [(str(row.id), row.name) for row in rows]


@blueprint.post("/office/people")
@requires(Role.OFFICER)
@idempotent
def propose_role() -> Response:
    form, by = request.form.to_dict(), principal().person_id
    try:
        roles.propose_role(db_session(), _typed(form), by=by, now=now())
    except Problem as problem:
        db_session().rollback()
        return _people(form, problem)
    return to("office.decisions")


@blueprint.post("/office/people/<uuid:grant_id>/end")
@requires(Role.OFFICER)
@idempotent
def end_role(grant_id: UUID) -> Response:
    identity.end_role(db_session(), grant_id, by=principal().person_id, now=now())
    return to("office.people")


def _typed(form: dict[str, str]) -> roles.NewRole:
    """What was typed; the role lasts to the end of its last day."""
    organisation = form.get("organisation_id", "")
    try:
        role = Role(form.get("role", ""))
        organisation_id = UUID(organisation) if organisation else None
    except ValueError as error:
        raise Problem("not-found") from error
    return roles.NewRole(form.get("email", ""), role, forms.last_day("last_day"), organisation_id)

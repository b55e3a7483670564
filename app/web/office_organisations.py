"""The officer's page of those who vouch, bring data or take tokens, and their ceilings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import select
from sqlmodel import col

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Organisation, OrganisationKind, Role
from app.identity.organisations import create_organisation as create
from app.identity.organisations import organisation_by_id
from app.merchants.models import Merchant
from app.security import principal, requires
from app.web import office_view
from app.web.office import blueprint
from app.web.shell import page, state_words, to
from app.web.words import gettext as _

KINDS = (OrganisationKind.ATTESTER, OrganisationKind.PARTNER)


@blueprint.get("/office/organisations")
@requires(Role.OFFICER)
def organisations() -> Response:
    return _organisations(None)


def _organisations(problem: Problem | None) -> Response:
    session = db_session()
    shops = session.execute(
        select(Organisation, Merchant)
        .join(Merchant, col(Merchant.organisation_id) == col(Organisation.id))
        .order_by(col(Organisation.name))
    ).all()
    return page(
        "office/organisations.html",
        problem=problem,
        vouching=office_view.vouching(session, now()),
        shops=[_shop(organisation, merchant) for organisation, merchant in shops],
        kinds=[
            (OrganisationKind.ATTESTER.value, _("attester")),
            (OrganisationKind.PARTNER.value, _("partner")),
        ],
    )


def _shop(organisation: Organisation, merchant: Merchant) -> dict[str, Any]:
    return {
        "name": organisation.name,
        "district": organisation.district,
        "state": merchant.state.value,
        "state_words": state_words(merchant.state.value),
    }


@blueprint.post("/office/organisations")
@requires(Role.OFFICER)
@idempotent
def create_organisation() -> Response:
    form = request.form
    kind = next((kind for kind in KINDS if kind.value == form.get("kind")), KINDS[0])
    try:
        create(
            db_session(),
            slug=form.get("slug", ""),
            kind=kind,
            name=form.get("name", "").strip(),
            district=form.get("district", "").strip() or None,
            by=principal().person_id,
            now=now(),
        )
    except Problem as problem:
        db_session().rollback()
        return _organisations(problem)
    return to("office.organisations")


@blueprint.post("/office/organisations/<uuid:organisation_id>/ceiling")
@requires(Role.OFFICER)
@idempotent
def set_ceiling(organisation_id: UUID) -> Response:
    typed = [request.form.get(name, "") for name in ("actions_per_day", "reward_cents_per_day")]
    if not all(text.isdecimal() and len(text) < 10 for text in typed):
        return _organisations(Problem("ceiling-not-understood", field="actions_per_day"))
    organisation = organisation_by_id(db_session(), organisation_id)
    organisation.actions_per_day, organisation.reward_cents_per_day = map(int, typed)
    return to("office.organisations")

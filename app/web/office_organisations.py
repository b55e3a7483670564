"""The officer's page of those who vouch, bring data or take tokens, and their ceilings."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import OrganisationKind, Role
from app.identity.organisations import create_organisation as create
from app.identity.organisations import set_ceilings
from app.rewards.decided import propose_revocation
from app.security import principal, requires
from app.web import formats
from app.web.office import blueprint
from app.web.proposal_view import revocation_reasons
from app.web.shell import page, to
from app.web.vouching_view import vouching
from app.web.words import gettext as _

KINDS = (OrganisationKind.ATTESTER, OrganisationKind.PARTNER)


@blueprint.get("/office/organisations")
@requires(Role.OFFICER)
def organisations() -> Response:
    return _organisations(None)


def _organisations(problem: Problem | None) -> Response:
    return page(
        "office/organisations.html",
        problem=problem,
        vouching=vouching(db_session(), now()),
        reasons=revocation_reasons(),
        kinds=[
            (OrganisationKind.ATTESTER.value, _("attester")),
            (OrganisationKind.PARTNER.value, _("partner")),
        ],
    )


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
    try:
        set_ceilings(
            db_session(),
            organisation_id,
            actions_per_day=typed_actions(request.form.get("actions_per_day", "")),
            reward_cents_per_day=typed_cents(request.form.get("reward_per_day", "")),
            by=principal().person_id,
        )
    except Problem as problem:
        db_session().rollback()
        return _organisations(problem)
    return to("office.organisations")


def typed_actions(text: str) -> int:
    if not (text.isdecimal() and len(text) < 8):
        raise Problem("ceiling-not-understood", field="actions_per_day")
    return int(text)


def typed_cents(text: str) -> int:
    """Nothing at all is a ceiling too."""
    cents = 0 if text.strip("0., ") == "" and "0" in text else formats.cents_of(text)
    if cents is None:
        raise Problem("ceiling-not-understood", field="reward_per_day")
    return cents


@blueprint.post("/office/organisations/<uuid:organisation_id>/revocation")
@requires(Role.OFFICER)
@idempotent
def revoke_key(organisation_id: UUID) -> Response:
    """Proposes to end the organisation's key; another officer confirms."""
    reason, by = request.form.get("reason", ""), principal().person_id
    try:
        propose_revocation(
            db_session(), organisation_id=organisation_id, reason=reason, by=by, now=now()
        )
    except Problem as problem:
        db_session().rollback()
        return _organisations(problem)
    return to("office.decisions")

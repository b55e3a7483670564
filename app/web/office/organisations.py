"""The officer's page of those who vouch, bring data or take tokens, and their ceilings."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from app.actions.api.schemas import Ceilings, NewRevocation
from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import OrganisationKind, Role
from app.identity.organisations import set_ceilings
from app.rewards.valuing.decided import propose_revocation
from app.security import principal, requires
from app.web import formats, forms
from app.web.office import organisation_form
from app.web.office.overview import blueprint
from app.web.office.revocation_words import reasons as revocation_reasons
from app.web.shell import page, to
from app.web.vouching.vouching_view import vouching
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
        vouching=vouching(db_session(), now(), principal().person_id),
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
    try:
        organisation_form.entered(KINDS)
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
            **typed_ceilings(),
            by=principal().person_id,
            now=now(),
        )
    except Problem as problem:
        db_session().rollback()
        return _organisations(problem)
    return to("office.organisations")


def typed_ceilings() -> dict[str, int]:
    """Of an organisation or a device; nothing at all is a ceiling too. Raises Problem."""
    actions, reward = (request.form.get(name, "") for name in ("actions_per_day", "reward_per_day"))
    nothing = reward.strip("0., ") == "" and "0" in reward
    cents = 0 if nothing else formats.cents_of(reward)
    if not (actions.isascii() and actions.isdecimal() and len(actions) < 8):
        raise Problem("ceiling-not-understood", field="actions_per_day")
    if cents is None:
        raise Problem("ceiling-not-understood", field="reward_per_day")
    return forms.load(Ceilings, {"actions_per_day": int(actions), "reward_cents_per_day": cents})


@blueprint.post("/office/organisations/<uuid:organisation_id>/revocation")
@requires(Role.OFFICER)
@idempotent
def revoke_key(organisation_id: UUID) -> Response:
    """Proposes to end the organisation's key; another officer confirms."""
    session, by = db_session(), principal().person_id
    try:
        said = forms.load(NewRevocation, forms.given("reason"))
        propose_revocation(session, organisation_id=organisation_id, **said, by=by, now=now())
    except Problem as problem:
        db_session().rollback()
        return _organisations(problem)
    return to("office.decisions")

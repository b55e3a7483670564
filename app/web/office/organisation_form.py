"""An organisation as an officer types it, on the page of those who vouch and on that of shops."""

from __future__ import annotations

from collections.abc import Collection

from app.context import db_session, now, services
from app.errors import Problem
from app.identity.models import Organisation, OrganisationKind
from app.identity.organisations import create_organisation
from app.identity.schemas import NewOrganisation
from app.security import principal
from app.web import forms

FIELDS = ("slug", "kind", "name", "district")


def entered(kinds: Collection[OrganisationKind]) -> Organisation:
    """What was typed, of one of these kinds. Raises Problem."""
    typed = forms.load(NewOrganisation, forms.given(*FIELDS))
    if typed["kind"] not in kinds:
        raise Problem("organisation-kind", field="kind")
    zone, by = services().settings.time_zone.key, principal().person_id
    return create_organisation(db_session(), by=by, now=now(), time_zone=zone, **typed)

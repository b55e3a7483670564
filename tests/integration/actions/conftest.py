"""A partner and a rider of theirs, committed, since the worker has sessions of its own."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.actions.imports import links
from app.identity.models import OrganisationKind
from app.services import Services
from tests.support.city import City
from tests.support.partner import Partner


@pytest.fixture
def partner(services: Services) -> Partner:
    with services.database.transaction() as session:
        now = services.clock.now(session).replace(microsecond=0)
        city = City(session, now)
        organisation = city.organisation(OrganisationKind.PARTNER)
        programme = city.programme()
        key = city.organisation_keys[organisation.id]
        return Partner(services, organisation.id, programme.id, key, now)


@pytest.fixture
def rider(partner: Partner) -> UUID:
    """A citizen linked as the partner's r-1."""
    with partner.services.database.transaction() as session:
        person = City(session, partner.now).citizen()
        code, _ = links.make_code(
            session, person_id=person.id, organisation_id=partner.organisation_id, now=partner.now
        )
        links.link_rider(
            session,
            organisation_id=partner.organisation_id,
            rider_ref="r-1",
            code=code,
            now=partner.now,
        )
        return person.id

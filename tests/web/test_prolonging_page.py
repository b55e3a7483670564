"""The page of people fills in the form that prolongs a role."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.clock import city_day, city_midnight
from app.context import Application
from app.identity import service as identity
from app.identity.models import Role, RoleGrant
from app.services import Services
from tests.support.office import Office


@pytest.fixture
def office(services: Services, application: Application) -> Iterator[Office]:
    with application.test_client() as client:
        yield Office(services, client)


def _given(office: Office, services: Services, until: datetime) -> UUID:
    """The grant of a role that two officers gave."""
    proposal = office.propose(valid_until=until.isoformat()).get_json()
    confirmed = office.post("other", f"/proposals/{proposal['id']}/confirmation")
    assert confirmed.status_code == 200
    with services.database.session() as session:
        given = select(col(RoleGrant.id)).where(
            col(RoleGrant.organisation_id) == UUID(office.depot)
        )
        return session.scalars(given).one()


def _propose_until(office: Office, last_day: str) -> None:
    """As the filled-in form sends it."""
    typed = {
        "email": office.address("new"),
        "role": "attester",
        "organisation_id": office.depot,
        "last_day": last_day,
    }
    assert office.send("one", "/office/people", "/office/people", typed).status_code == 303


def test_the_page_prolongs_without_anything_typed_again(office: Office, services: Services) -> None:
    with services.database.session() as session:
        today = city_day(session, services.clock.now(session))
        until = city_midnight(session, today + timedelta(days=31))
    held = _given(office, services, until)
    assert f"/office/people?prolong={held}" in office.look("one", "/office/people")
    form = office.look("one", f"/office/people?prolong={held}")
    assert f'value="{office.address("new")}"' in form
    assert '<option value="attester" selected' in form
    assert f'<option value="{office.depot}" selected' in form
    last = (today + timedelta(days=30 + 365)).isoformat()
    assert f'value="{last}"' in form, "a year more"
    _propose_until(office, last)
    waiting = office.look("other", "/office/decisions")
    assert "Prolong a role: clerk who certifies, Depot" in waiting
    assert "So far until" in waiting


def test_the_page_offers_it_for_no_role_of_one_s_own_and_none_without_an_end(
    office: Office, services: Services
) -> None:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        own = identity.grant_role(
            session,
            person_id=office.people["one"],
            role=Role.OPERATOR,
            now=now,
            valid_until=now + timedelta(days=9),
        ).id
        endless = session.scalars(
            select(col(RoleGrant.id)).where(col(RoleGrant.person_id) == office.people["auditor"])
        ).one()
    shown = office.look("one", "/office/people")
    assert f"prolong={own}" not in shown
    assert f"prolong={endless}" not in shown
    assert f"prolong={own}" in office.look("other", "/office/people")
    for wrong in (own, endless, UUID(int=7), "rubbish"):
        form = office.look("one", f"/office/people?prolong={wrong}")
        assert 'name="email"' in form
        assert f'value="{office.address("auditor")}"' not in form
        assert f'value="{office.address("one")}"' not in form


def test_three_years_are_the_most_that_the_page_fills_in(
    office: Office, services: Services
) -> None:
    held = _given(office, services, datetime.now(UTC) + timedelta(days=900))
    form = office.look("one", f"/office/people?prolong={held}")
    last = form.split('name="last_day"')[1].split('value="')[1].split('"')[0]
    _propose_until(office, last)

"""Roles by API and page: proposed by one officer, confirmed by another, with a last day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.context import Application
from app.identity import service as identity
from app.identity.models import Role
from app.services import Services
from tests.support.office import Office


@pytest.fixture
def office(services: Services, application: Application) -> Iterator[Office]:
    with application.test_client() as client:
        yield Office(services, client)


def test_a_role_is_given_by_two_and_ends_by_one(office: Office) -> None:
    proposal = office.propose().get_json()
    confirmation = f"/proposals/{proposal['id']}/confirmation"
    assert office.post("one", confirmation).get_json()["code"] == "another-must-confirm"
    assert office.post("new", confirmation).status_code == 403
    assert "attester" not in office.held("new")
    assert office.post("other", confirmation).status_code == 200
    assert "attester" in office.held("new")
    [grant] = [g for g in office.get("auditor", "/roles")["items"] if g["role"] == "attester"]
    assert {grant["granted_by"], grant["confirmed_by"]} == {
        str(office.people["one"]),
        str(office.people["other"]),
    }
    same = office.propose(valid_until=grant["valid_until"]).get_json()
    assert same["code"] == "role-held", "a later day would prolong it"
    assert office.post("treasurer", f"/roles/{grant['id']}/end").status_code == 403
    assert office.post("other", f"/roles/{grant['id']}/end").status_code == 200
    assert "attester" not in office.held("new")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("role-for-oneself", {"email": "one@city.example", "role": "auditor"}),
        ("roles-incompatible", {"email": "treasurer@city.example", "role": "officer"}),
        ("roles-incompatible", {"email": "auditor@city.example", "role": "attester"}),
        ("role-organisation", {"role": "attester", "organisation_id": None}),
        ("role-organisation", {"role": "officer", "organisation_id": "depot"}),
        ("organisation-kind", {"role": "merchant"}),
        ("not-found", {"organisation_id": str(uuid4())}),
        ("role-end-wrong", {"valid_until": "2020-01-01T00:00:00Z"}),
        ("role-end-wrong", {"valid_until": "9999-12-31T00:00:00Z"}),
        ("invalid", {"role": "citizen"}),
        ("invalid", {"email": "nobody"}),
    ],
)
def test_what_must_not_be_is_not_even_proposed(
    office: Office, code: str, changes: dict[str, Any]
) -> None:
    if changes.get("role") in {"auditor", "officer"} and "organisation_id" not in changes:
        changes = {**changes, "organisation_id": None}
    if changes.get("organisation_id") == "depot":
        changes = {**changes, "organisation_id": office.depot}
    answer = office.propose(**changes)
    assert answer.status_code in {403, 404, 409, 422}
    assert answer.get_json()["code"] == code


def test_the_second_person_is_not_the_one_who_gets_the_role(office: Office) -> None:
    role = {"role": "operator", "organisation_id": None, "email": office.address("other")}
    proposal = office.propose(**role).get_json()
    answer = office.post("other", f"/proposals/{proposal['id']}/confirmation")
    assert answer.get_json()["code"] == "role-second-person"
    assert office.post("one", f"/proposals/{proposal['id']}/rejection").status_code == 200


def test_nobody_brings_people_into_the_organisation_they_work_for(
    office: Office, services: Services
) -> None:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        identity.grant_role(
            session,
            person_id=office.people["one"],
            role=Role.PARTNER,
            organisation_id=UUID(office.depot),
            now=now,
        )
    assert office.propose().get_json()["code"] == "not-own-organisation"


def test_the_page_proposes_and_says_what_was_wrong(office: Office) -> None:
    assert office.address("treasurer") in office.look("one", "/office/people")
    form = {
        "email": office.address("new"),
        "role": "attester",
        "organisation_id": office.depot,
    }
    for day in ("9999-12-31", "2020-01-01", "soon"):
        typed = form | {"last_day": day}
        refused = office.send("one", "/office/people", "/office/people", typed)
        assert refused.status_code == 422
        assert office.address("new") in refused.text, "what was typed is kept"
    last = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    typed = form | {"last_day": last}
    assert office.send("one", "/office/people", "/office/people", typed).status_code == 303
    waiting = office.look("one", "/office/decisions")
    assert "Give a role: clerk who certifies, Depot" in waiting
    assert office.address("new") in waiting

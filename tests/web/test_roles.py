"""Roles by API and page: proposed by one officer, confirmed by another, with a last day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.context import Application
from app.identity import service as identity
from app.identity.models import IdentityLevel, OrganisationKind, Role
from app.services import Services

ROLES = {
    "one": Role.OFFICER,
    "other": Role.OFFICER,
    "treasurer": Role.TREASURER,
    "auditor": Role.AUDITOR,
}


class Office:
    """The API as each of these people reaches it, and a page as officer "one"."""

    def __init__(self, services: Services, client: FlaskClient) -> None:
        self.client, self.tokens, self.people = client, dict[str, str](), dict[str, Any]()
        with services.database.transaction() as session:
            now = services.clock.now(session)
            body = identity.create_organisation(
                session, slug=uuid4().hex, kind=OrganisationKind.ATTESTER, name="Depot", now=now
            )
            self.depot = str(body.id)
            for who, role in {**ROLES, "new": Role.CITIZEN}.items():
                level = IdentityLevel.CONTACT
                self.people[who] = person = identity.register_person(
                    session, self.address(who), level=level, now=now
                ).id
                if role not in identity.roles_of(session, person, now):
                    identity.grant_role(session, person_id=person, role=role, now=now)
                self.tokens[who] = identity.open_session(session, person, "api", now)

    @staticmethod
    def address(who: str) -> str:
        return f"{who}@city.example"

    def post(self, who: str, path: str, body: Any = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "Idempotency-Key": str(uuid4())}
        return self.client.post("/api/v1" + path, json=body, headers=headers)

    def get(self, who: str, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        return self.client.get("/api/v1" + path, headers=headers).get_json()

    def propose(self, who: str = "one", /, **changes: Any) -> TestResponse:
        until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
        body = {"email": self.address("new"), "role": "attester", "organisation_id": self.depot}
        return self.post(who, "/roles", body | {"valid_until": until} | changes)

    def held(self, who: str) -> set[str]:
        return {each["role"] for each in self.get(who, "/me")["roles"]}


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
    assert office.propose().get_json()["code"] == "role-held"
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
            role=Role.ATTESTER_ADMIN,
            organisation_id=UUID(office.depot),
            now=now,
        )
    assert office.propose().get_json()["code"] == "not-own-organisation"


def test_the_page_proposes_and_says_what_was_wrong(office: Office) -> None:
    office.client.set_cookie("civis", office.tokens["one"])
    english = {"Accept-Language": "en"}
    page = office.client.get("/office/people", headers=english).text
    assert office.address("treasurer") in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    form = {
        "csrf_token": token[1],
        "email": office.address("new"),
        "role": "attester",
        "organisation_id": office.depot,
        "last_day": "9999-12-31",
    }

    def send(**changes: str) -> TestResponse:
        typed = form | changes | {"idempotency_key": str(uuid4())}
        return office.client.post("/office/people", data=typed, headers=english)

    for day in ("9999-12-31", "2020-01-01", "soon"):
        refused = send(last_day=day)
        assert refused.status_code == 422
        assert office.address("new") in refused.text, "what was typed is kept"
    last = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    assert send(last_day=last).status_code == 303
    waiting = office.client.get("/office/decisions", headers=english).text
    assert "Give a role: clerk who certifies, Depot" in waiting
    assert office.address("new") in waiting

"""The city's staff as the API and the pages know them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.application import build
from app.identity import service as identity
from app.identity.models import IdentityLevel, OrganisationKind, Role
from app.services import Services
from tests.support.signer import write_deployment

ROLES = {
    "one": Role.OFFICER,
    "other": Role.OFFICER,
    "treasurer": Role.TREASURER,
    "auditor": Role.AUDITOR,
    "treasurer-2": Role.TREASURER,
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

    def look(self, who: str, path: str) -> str:
        """A page, in English."""
        self.client.set_cookie("civis", self.tokens[who])
        return self.client.get(path, headers={"Accept-Language": "en"}).text

    def send(self, who: str, page: str, path: str, form: dict[str, str]) -> TestResponse:
        """A form of that page, sent to that path."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.look(who, page))
        assert token
        hidden = {"csrf_token": token[1], "idempotency_key": str(uuid4())}
        english = {"Accept-Language": "en"}
        return self.client.post(path, data=form | hidden, headers=english)


@contextmanager
def office_of(services: Services) -> Iterator[Office]:
    """By an application of its own."""
    write_deployment(services.settings)
    with build(services.settings, parts=services).test_client() as client:
        yield Office(services, client)

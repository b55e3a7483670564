"""The API as a clerk, a citizen and the city's staff reach it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.actions.domain import attesters_domain
from app.actions.models import Action
from app.chain import typed
from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.models import Role
from app.identity.presence import code_at
from app.services import Services
from tests.support.applications import application_with
from tests.support.city import City, Clerk
from tests.support.staff import staff_session

HASHES = ("programme_id", "subject", "nonce")
STAFF = {
    "officer": Role.OFFICER,
    "officer-2": Role.OFFICER,
    "treasurer": Role.TREASURER,
    "treasurer-2": Role.TREASURER,
}


@dataclass
class Town:
    """The API as each of these people reaches it."""

    services: Services
    client: FlaskClient
    tokens: dict[str, str]
    people: dict[str, UUID]
    clerk: Clerk
    programme_id: UUID

    def call(
        self, who: str, method: str, path: str, body: Any = None, *, key: str = ""
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        if method != "GET":
            headers["Idempotency-Key"] = key or str(uuid4())
        return self.client.open("/api/v1" + path, method=method, json=body, headers=headers)

    def post(self, who: str, path: str, body: Any = None, *, status: int = 201) -> Any:
        answer = self.call(who, "POST", path, body)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json(silent=True)

    def get(self, who: str, path: str) -> Any:
        answer = self.call(who, "GET", path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def code_of(self, who: str) -> dict[str, str]:
        """What somebody's device shows, and the programme that it is for."""
        with self.services.database.transaction() as session:
            now = self.services.clock.now(session)
            shown = identity.presence_secret(session, self.people[who], now)
        return {
            "programme_id": str(self.programme_id),
            "short_number": shown.short_number,
            "time_code": code_at(shown.secret, now),
        }

    def identify(self) -> dict[str, Any]:
        """The citizen's code, typed by the clerk."""
        visit: dict[str, Any] = self.post("clerk", "/attestations/visits", self.code_of("citizen"))
        return visit

    def signed(self, visit: dict[str, Any], **deed: Any) -> dict[str, Any]:
        """The draft, signed as the clerk's browser does."""
        said = {"action_type": "glass-recycling", "quantity": 2000, **deed}
        draft = self.post(
            "clerk", "/attestations/drafts", {"subject": visit["subject"], **said}, status=200
        )
        stated = draft["statement"]
        fields: dict[str, Any] = {
            k: bytes.fromhex(v[2:]) if k in HASHES else v for k, v in stated.items()
        }
        struct = typed.Attestation(**fields)
        domain = attesters_domain(self.services.settings.deployment_file)
        signature = typed.sign(typed.attestation_digest(domain, struct), self.clerk.key)
        return {"statement": stated, "signature": "0x" + signature.hex()}

    def count(self) -> int:
        with self.services.database.session() as session:
            return session.scalar(select(func.count()).select_from(Action)) or 0


@contextmanager
def made_town(services: Services, signer: SignerClient, rules: Any = None) -> Iterator[Town]:
    """A clerk, a citizen and the city's staff, each signed in."""
    with services.database.transaction() as session:
        now = services.clock.now(session)
        city = City(session, now)
        clerk, programme = city.clerk(city.organisation()), city.programme(rules=rules)
        people = {"clerk": clerk.person_id}
        for who, role in {"citizen": Role.CITIZEN, **STAFF}.items():
            people[who] = city.citizen().id
            identity.grant_role(session, person_id=people[who], role=role, now=now)
        tokens = {
            who: staff_session(session, person_id, now)
            if who in STAFF
            else identity.open_session(session, person_id, "api", now)
            for who, person_id in people.items()
        }
    client = application_with(services, signer).test_client()
    yield Town(services, client, tokens, people, clerk, programme.id)


def confirm_by_another(town: Town, proposal: dict[str, Any]) -> dict[str, Any]:
    """Refused to who proposed it, done by the second officer, both on record."""
    path = f"/proposals/{proposal['id']}/confirmation"
    alone = town.call("officer", "POST", path)
    assert (alone.status_code, alone.mimetype) == (403, "application/problem+json")
    assert alone.get_json()["code"] == "another-must-confirm"
    assert "un agent autre" in alone.get_json()["remedy"]
    done: dict[str, Any] = town.post("officer-2", path, status=200)
    ids = [str(town.people[who]) for who in ("officer", "officer-2")]
    assert [done["proposed_by"], done["decided_by"]] == ids
    assert done["state"] == "confirmed"
    again = town.call("officer-2", "POST", path)
    assert (again.status_code, again.get_json()["code"]) == (409, "proposal-decided")
    return done

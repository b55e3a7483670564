"""A program signs in, looks at itself, agrees and disagrees, with the API alone."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlmodel import col
from werkzeug.test import TestResponse

from app.identity import service as identity
from app.identity.models import OrganisationKind
from app.mail_models import OutgoingMail
from app.privacy.notices import purpose_named
from app.privacy.service import Actor, open_for_service
from app.services import Services


def mailed_code(services: Services) -> str:
    with services.database.session() as session:
        newest = select(OutgoingMail).order_by(col(OutgoingMail.id).desc()).limit(1)
        row = session.scalars(newest).one()
        letter = json.loads(open_for_service(session, "mail", row.sealed, row.id.bytes))
    return str(letter["subject"][-6:])


def ask(client: FlaskClient, email: str) -> TestResponse:
    return client.post("/api/v1/sign-in/code", json={"email": email, "language": "en"})


def take(client: FlaskClient, email: str, code: str, asked: TestResponse) -> TestResponse:
    challenge = asked.get_json()["challenge"]
    said = {"email": email, "challenge": challenge, "code": code}
    return client.post("/api/v1/sign-in/token", json=said)


@pytest.fixture
def signed_in(client: FlaskClient, services: Services) -> dict[str, str]:
    """The headers of somebody new."""
    email = f"{uuid4().hex}@demo.example"
    asked = ask(client, email)
    assert asked.status_code == 202
    answer = take(client, email, mailed_code(services), asked)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json is not None
    return {"Authorization": f"Bearer {answer.json['token']}"}


def got(answer: TestResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.get_json()


def key(headers: dict[str, str]) -> dict[str, str]:
    return {**headers, "Idempotency-Key": str(uuid4())}


def test_a_program_signs_in_and_out(client: FlaskClient, signed_in: dict[str, str]) -> None:
    me = got(client.get("/api/v1/me", headers=signed_in))
    assert me["identity_level"] == "contact"
    assert me["roles"] == [{"role": "citizen", "organisation_id": None}]
    assert me["accounts"] == []
    assert client.post("/api/v1/sign-out", headers=signed_in).status_code == 204
    refused = got(client.get("/api/v1/me", headers=signed_in), 401)
    assert refused["code"] == "sign-in-needed"


def test_wrong_tries_are_kept_from_request_to_request(
    client: FlaskClient, services: Services
) -> None:
    email = f"{uuid4().hex}@demo.example"
    asked = ask(client, email)
    code = mailed_code(services)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert got(take(client, email, wrong, asked), 403)["code"] == "sign-in-code-wrong"
    assert got(take(client, email, code, asked), 403)["code"] == "sign-in-code-wrong"


def test_known_and_unknown_addresses_get_the_same_answer(client: FlaskClient) -> None:
    email = f"{uuid4().hex}@demo.example"
    first, again = ask(client, email), ask(client, email)
    assert _told(first) == _told(again)
    never = take(client, "never-asked@demo.example", "123456", first)
    assert got(never, 403)["code"] == "sign-in-code-wrong"
    assert got(ask(client, "nonsense"), 422)["errors"][0]["field"] == "email"


def _told(answer: TestResponse) -> tuple[int, dict[str, Any]]:
    return answer.status_code, answer.get_json() | {"challenge": "another each time"}


def test_the_language_can_be_changed(client: FlaskClient, signed_in: dict[str, str]) -> None:
    changed = client.patch("/api/v1/me", headers=key(signed_in), json={"language": "en"})
    assert got(changed)["language"] == "en"
    unknown = client.patch("/api/v1/me", headers=key(signed_in), json={"language": "xx"})
    assert got(unknown, 422)["errors"][0]["field"] == "language"


def test_presence_is_made_once_and_renewed_on_purpose(
    client: FlaskClient, signed_in: dict[str, str]
) -> None:
    first = got(client.get("/api/v1/me/presence", headers=signed_in))
    assert first == got(client.get("/api/v1/me/presence", headers=signed_in))
    headers = key(signed_in)
    renewed = got(client.post("/api/v1/me/presence", headers=headers), 201)
    assert renewed["secret"] != first["secret"]
    assert got(client.post("/api/v1/me/presence", headers=headers), 201) == renewed


def test_consent_is_given_to_the_notice_shown_and_withdrawn(
    client: FlaskClient, signed_in: dict[str, str], services: Services
) -> None:
    with services.database.transaction() as session:
        kind, slug = OrganisationKind.PARTNER, f"bikes-{uuid4().hex[:8]}"
        now = services.clock.now(session)
        made = identity.create_organisation(session, slug=slug, kind=kind, name=slug, now=now)
        bikes = str(made.id)
    listed = got(client.get("/api/v1/me/consents?lang=en", headers=signed_in))
    assert [p["id"] for p in listed["purposes"] if p["asks_consent"]] == [
        "partner_trips",
        "research",
    ]
    choice = {"purpose": "partner_trips", "recipient": bikes, "given": True}
    old = {**choice, "notice_version": "2020-1"}
    got(client.post("/api/v1/me/age", headers=key(signed_in), json={"band": "adult"}))
    refused = client.post("/api/v1/me/consents", headers=key(signed_in), json=old)
    assert got(refused, 409)["code"] == "consent-notice-changed"
    choice["notice_version"] = purpose_named("partner_trips").version
    given = client.post("/api/v1/me/consents", headers=key(signed_in), json=choice)
    assert got(given, 201)["state"] == "given"
    end = {"purpose": "partner_trips", "recipient": bikes}
    ended = client.post("/api/v1/me/consents/withdrawals", headers=key(signed_in), json=end)
    assert ended.status_code == 204
    states = got(client.get("/api/v1/me/consents", headers=signed_in))["consents"]
    assert [consent["state"] for consent in states] == ["withdrawn"]


def test_a_citizen_sees_who_looked(
    client: FlaskClient, signed_in: dict[str, str], services: Services
) -> None:
    mine = got(client.get("/api/v1/me/presence", headers=signed_in))
    assert got(client.get("/api/v1/me/accesses", headers=signed_in)) == {
        "items": [],
        "next_cursor": None,
    }
    with services.database.transaction() as session:
        now = services.clock.now(session)
        kind, slug = OrganisationKind.ATTESTER, f"centre-{uuid4().hex[:8]}"
        centre = identity.create_organisation(session, slug=slug, kind=kind, name=slug, now=now)
        code, clerk = identity.code_at(mine["secret"], now), Actor(uuid4(), "attester")
        identity.identify_by_code(session, centre.id, mine["short_number"], code, now, by=clerk)
    [seen] = got(client.get("/api/v1/me/accesses", headers=signed_in))["items"]
    assert (seen["actor_role"], seen["purpose"]) == ("attester", "presence")
    assert seen["fields_read"] == ["secret_sealed"]
    assert "actor_id" not in seen

"""Who may do what: bearer tokens, cookies with their form token, roles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from flask import Response
from flask.testing import FlaskClient

from app.application import build
from app.browser_security import csrf_token
from app.context import Application
from app.errors import Problem
from app.identity import service as identity
from app.identity.models import IdentityLevel, Role
from app.principal import Principal
from app.services import Services
from app.session_cookie import sign_in_browser

ORIGIN = "http://localhost"


@dataclass(frozen=True)
class Signed:
    person_id: UUID
    token: str
    bearer: dict[str, str]


def sign_up(services: Services, email: str, *roles: Role) -> Signed:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        level = IdentityLevel.CONTACT
        person = identity.register_person(session, email, level=level, now=now)
        for role in roles:
            identity.grant_role(session, person_id=person.id, role=role, by=None, now=now)
        token = identity.open_session(session, person.id, "api", now)
    return Signed(person.id, token, {"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def citizen(services: Services) -> Signed:
    return sign_up(services, "citizen-1@demo.example")


@pytest.fixture(scope="module")
def officer(services: Services) -> Signed:
    return sign_up(services, "officer-1@demo.example", Role.OFFICER)


@pytest.fixture
def browser(application: Application, citizen: Signed) -> Iterator[FlaskClient]:
    """A browser whose cookie is the citizen's session."""
    with application.test_client() as client:
        client.set_cookie("civis", citizen.token)
        yield client


def form_token(browser: FlaskClient) -> str:
    with browser.session_transaction() as page:
        page["form_token"] = "a-form-token"
    return "a-form-token"


def test_a_program_signs_in_by_bearer_token(client: FlaskClient, citizen: Signed) -> None:
    answer = client.post("/api/v1/probe/mine", headers=citizen.bearer)
    assert (answer.status_code, answer.text) == (200, str(citizen.person_id))
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic abc", "Bearer a b"])
def test_without_a_live_token_a_program_gets_401(client: FlaskClient, header: str) -> None:
    answer = client.post("/api/v1/probe/mine", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.get_json()["code"] == "sign-in-needed"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_ended_or_expired_session_opens_nothing(client: FlaskClient, services: Services) -> None:
    ended = sign_up(services, "citizen-2@demo.example")
    with services.database.transaction() as session:
        now = services.clock.now(session)
        found = identity.find_session(session, ended.token, now)
        assert found is not None
        identity.end_session(session, found.id, now)
    assert client.post("/api/v1/probe/mine", headers=ended.bearer).status_code == 401
    late = sign_up(services, "citizen-3@demo.example")
    with services.database.transaction() as session:
        services.clock.move(session, days=31)
    assert client.post("/api/v1/probe/mine", headers=late.bearer).status_code == 401
    with services.database.transaction() as session:
        services.clock.move(session, days=-31)
    assert client.post("/api/v1/probe/mine", headers=late.bearer).status_code == 200


def test_a_role_opens_what_it_is_for(client: FlaskClient, citizen: Signed, officer: Signed) -> None:
    assert client.get("/api/v1/probe/office", headers=officer.bearer).text == "yes"
    refused = client.get("/api/v1/probe/office", headers=citizen.bearer)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not-allowed")
    assert client.get("/api/v1/probe/office").status_code == 401


def test_a_browser_that_is_not_signed_in_is_led_to_sign_in(client: FlaskClient) -> None:
    answer = client.get("/probe/mine?a=1")
    assert answer.status_code == 302
    assert answer.location == "/sign-in?next=%2Fprobe%2Fmine%3Fa%3D1"
    assert client.post("/probe/mine").status_code == 401


def test_a_cookie_reads_but_writes_only_with_the_form_token(
    browser: FlaskClient, citizen: Signed
) -> None:
    assert browser.get("/probe/mine").text == str(citizen.person_id)
    token = form_token(browser)
    assert browser.post("/probe/mine").status_code == 403
    assert browser.post("/probe/mine", data={"csrf_token": "wrong"}).status_code == 403
    assert browser.post("/probe/mine", data={"csrf_token": token}).text == "cookie"
    by_script = browser.post("/api/v1/probe/mine", headers={"X-CSRF-Token": token})
    assert by_script.status_code == 200
    assert browser.post("/api/v1/probe/mine").status_code == 403


@pytest.mark.parametrize(
    ("origin", "status"),
    [(ORIGIN, 200), ("https://evil.example", 403), ("null", 403), ("http://[", 403), ("", 403)],
)
def test_a_write_from_another_site_is_refused_even_with_the_token(
    browser: FlaskClient, origin: str, status: int
) -> None:
    data = {"csrf_token": form_token(browser)}
    assert browser.post("/probe/mine", data=data, headers={"Origin": origin}).status_code == status


def test_a_bearer_token_needs_no_form_token(client: FlaskClient, citizen: Signed) -> None:
    assert client.post("/probe/mine", headers=citizen.bearer).text == "bearer"


def test_signing_in_sets_a_cookie_that_scripts_and_other_sites_cannot_use(
    application: Application,
) -> None:
    with application.test_request_context():
        before = csrf_token()
        answer = sign_in_browser(Response(), "the-token")
        assert csrf_token() != before
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("civis=the-token; ")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_cookie_lives_as_long_as_the_session(
    application: Application, services: Services, citizen: Signed
) -> None:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        token = identity.open_session(session, citizen.person_id, "browser", now)
        found = identity.find_session(session, token, now)
        assert found is not None
        lives = found.expires_at - now
    with application.test_request_context():
        cookie = sign_in_browser(Response(), token).headers["Set-Cookie"]
    assert re.findall(r"Max-Age=(\d+);", cookie) == [str(int(lives.total_seconds()))]


def test_with_https_the_cookie_is_bound_to_this_host(services: Services) -> None:
    settings = replace(services.settings, public_url="https://civis.example")
    app = build(parts=replace(services, settings=settings))
    with app.test_request_context():
        cookie = sign_in_browser(Response(), "t").headers["Set-Cookie"]
    lives = r"Expires=[^;]+; Max-Age=\d+"
    assert re.fullmatch(rf"__Host-civis=t; {lives}; Secure; HttpOnly; Path=/; SameSite=Lax", cookie)
    answer = app.test_client().get("/livez")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_organisation_of_a_role_must_be_one() -> None:
    one, two = UUID(int=1), UUID(int=2)
    person = Principal(UUID(int=9), UUID(int=8), {Role.MERCHANT: frozenset({one})}, by_cookie=False)
    assert person.organisation(Role.MERCHANT) == one
    assert person.has(Role.MERCHANT, one)
    assert not person.has(Role.MERCHANT, two)
    both = replace(person, roles={Role.MERCHANT: frozenset({one, two})})
    for unclear in (both, replace(person, roles={})):
        with pytest.raises(Problem):
            unclear.organisation(Role.MERCHANT)

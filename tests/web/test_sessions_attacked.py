"""Sessions under attack: fixed, stolen, replayed; and what the log then tells of it."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask.json.tag import TaggedJSONSerializer
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from sqlmodel import col
from werkzeug.test import TestResponse

from app import telemetry
from app.context import Application
from app.identity.models import SignInSession
from app.services import Services
from tests.support.signer import write_deployment
from tests.web.test_identity_api import ask, mailed_code, take


@pytest.fixture
def browser(application: Application, services: Services) -> FlaskClient:
    """Never as a context: requests in one share what was found out about the first."""
    write_deployment(services.settings)
    return application.test_client()


@pytest.fixture
def events() -> Iterator[io.StringIO]:
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    telemetry.configure(stream=stream)
    yield stream
    root.handlers = handlers
    root.setLevel(level)


def told(events: io.StringIO, name: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in events.getvalue().splitlines()]
    return [line for line in lines if line["event"] == name]


def sign_in(browser: FlaskClient, services: Services, email: str, code: str = "") -> TestResponse:
    page = browser.get("/sign-in").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    form = {"email": email, "csrf_token": token[1]}
    browser.post("/sign-in/code", data=form)
    return browser.post("/sign-in", data=form | {"code": code or mailed_code(services)})


def token_of(browser: FlaskClient) -> str:
    cookie = browser.get_cookie("civis")
    assert cookie is not None
    return cookie.value


def status(browser: FlaskClient, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return browser.application.test_client().get("/api/v1/me", headers=headers).status_code


def test_a_token_planted_before_sign_in_is_worth_nothing_after_it(
    browser: FlaskClient, services: Services
) -> None:
    browser.set_cookie("civis", "planted-by-a-stranger")
    sign_in(browser, services, f"{uuid4().hex}@city.example")
    assert token_of(browser) != "planted-by-a-stranger"
    assert status(browser, "planted-by-a-stranger") == 401


def test_signing_in_anew_gives_another_token_and_ends_the_one_before(
    browser: FlaskClient, services: Services
) -> None:
    email = f"{uuid4().hex}@city.example"
    sign_in(browser, services, email)
    first = token_of(browser)
    sign_in(browser, services, email)
    second = token_of(browser)
    assert first != second
    assert (status(browser, first), status(browser, second)) == (401, 200)


def test_a_form_token_from_before_sign_in_writes_nothing_after_it(
    browser: FlaskClient, services: Services
) -> None:
    page = browser.get("/sign-in").text
    before = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert before
    sign_in(browser, services, f"{uuid4().hex}@city.example")
    form = {"csrf_token": before[1], "language": "en"}
    assert browser.post("/me/data/language", data=form).status_code == 403


@pytest.mark.parametrize("algorithm", [hashlib.sha1, hashlib.sha256], ids=["sha1", "sha256"])
def test_a_page_s_cookie_counts_only_as_we_signed_it(
    browser: FlaskClient, services: Services, algorithm: Any
) -> None:
    """Neither altered, nor signed with another key, nor by another algorithm with ours."""
    browser.get("/sign-in")
    sign_in(browser, services, f"{uuid4().hex}@city.example")
    key = services.keyring.derived("flask.session")
    ours = algorithm is hashlib.sha256
    for secret, counts in ((key, ours), (key[:-1] + b"?", False)):
        signer = URLSafeTimedSerializer(
            secret,
            salt="cookie-session",
            serializer=TaggedJSONSerializer(),
            signer_kwargs={"key_derivation": "hmac", "digest_method": algorithm},
        )
        forged = str(signer.dumps({"form_token": "forged"}))
        another = "A" if forged[-10] != "A" else "B"
        for value, expected in ((forged, counts), (forged[:-10] + another + forged[-9:], False)):
            browser.set_cookie("civis_page", value)
            form = {"csrf_token": "forged", "language": "en", "idempotency_key": str(uuid4())}
            written = browser.post("/me/data/language", data=form).status_code
            assert written == (303 if expected else 403)


def test_signed_out_the_token_is_dead_wherever_it_was_copied_to(
    browser: FlaskClient, services: Services
) -> None:
    sign_in(browser, services, f"{uuid4().hex}@city.example")
    stolen = token_of(browser)
    form = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/me").text)
    assert form
    assert browser.post("/sign-out", data={"csrf_token": form[1]}).status_code == 303
    assert browser.get_cookie("civis") is None
    assert status(browser, stolen) == 401


def test_a_code_seen_over_a_shoulder_serves_nobody_twice(
    browser: FlaskClient, services: Services
) -> None:
    email = f"{uuid4().hex}@city.example"
    asked = ask(browser, email)
    code = mailed_code(services)
    assert take(browser, email, code, asked).status_code == 200
    again = take(browser, email, code, asked)
    assert (again.status_code, again.get_json()["code"]) == (403, "sign-in-code-wrong")
    other = ask(browser, f"{uuid4().hex}@city.example")
    assert take(browser, email, code, other).status_code == 403, "another's challenge"


def test_tokens_are_256_random_bits_each(browser: FlaskClient, services: Services) -> None:
    email, tokens = f"{uuid4().hex}@city.example", set()
    for _ in range(3):
        asked = ask(browser, email)
        tokens.add(take(browser, email, mailed_code(services), asked).get_json()["token"])
    assert len(tokens) == 3
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in tokens)


def test_coming_in_failing_and_leaving_stand_in_the_log_without_a_secret(
    browser: FlaskClient, services: Services, events: io.StringIO
) -> None:
    email = f"{uuid4().hex}@city.example"
    sign_in(browser, services, email, code="000000")
    assert len(told(events, "sign_in_refused")) == 1
    sign_in(browser, services, email)
    token = token_of(browser)
    [entered] = told(events, "signed_in")
    with services.database.session() as session:
        mine = select(SignInSession).where(col(SignInSession.id) == entered["session_id"])
        assert str(session.scalars(mine).one().person_id) == entered["person_id"]
    sign_in(browser, services, email)
    assert [one["session_id"] for one in told(events, "signed_out")] == [entered["session_id"]]
    assert all(one["request_id"] for one in told(events, "signed_in"))
    assert all(one["timestamp"].endswith("Z") for one in told(events, "signed_in"))
    assert email not in events.getvalue()
    assert token not in events.getvalue()


def test_a_refusal_stands_in_the_log_with_who_and_what_kind(
    browser: FlaskClient, services: Services, events: io.StringIO
) -> None:
    sign_in(browser, services, f"{uuid4().hex}@city.example")
    person = told(events, "signed_in")[0]["person_id"]
    browser.get("/office")
    browser.get(f"/me/deeds/{uuid4()}")
    browser.post("/me/data/language", data={"csrf_token": "wrong"})
    browser.get("/pay?short_code=<script>")
    browser.post("/api/v1/sign-in/token", json={"email": 1})
    refused = [
        (one["problem_code"], one["route"], one["person_id"]) for one in told(events, "refused")
    ]
    assert refused == [
        ("not-allowed", "GET /office", person),
        ("not-found", "GET /me/deeds/<uuid:action_id>", person),
        ("form-expired", "POST /me/data/language", person),
        ("payment-unknown", "GET /pay", person),
        ("invalid", "POST /api/v1/sign-in/token", None),
    ]


def test_a_defect_stands_in_the_log_under_the_reference_that_the_answer_gives(
    browser: FlaskClient, events: io.StringIO
) -> None:
    answer = browser.post("/api/v1/probe", json={"note": "x", "then": "crash"})
    [defect] = told(events, "defect")
    assert defect["reference"] == answer.get_json()["reference"]
    assert defect["level"] == "error"
    assert "RuntimeError" in defect["exception"]


def test_no_request_writes_a_line_of_its_own_into_the_log(
    browser: FlaskClient, events: io.StringIO
) -> None:
    forged = '\r\n{"event": "signed_in", "person_id": "forged"}'
    browser.get("/api/v1/me", headers={"User-Agent": "x", "Authorization": "Bearer x"})
    browser.get("/nowhere%0d%0a" + '{"event":"signed_in"}')
    browser.post(
        "/api/v1/sign-in/token", json={"email": forged, "code": forged, "challenge": forged}
    )
    browser.post("/sign-in/code", data={"email": forged, "csrf_token": forged})
    lines = events.getvalue().splitlines()
    assert len(lines) >= 4
    assert {json.loads(line)["event"] for line in lines} <= {"request", "refused"}
    assert "forged" not in events.getvalue()

"""Headers that protect browsers, sharing with other origins, limits, polling, and the lists."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from app.application import build
from app.db import uuid7
from app.outbox.models import Incident
from app.services import Services

APP = "https://app.example"


def test_every_answer_carries_a_policy_with_a_fresh_nonce(client: FlaskClient) -> None:
    policies = [client.get(path).headers["Content-Security-Policy"] for path in ("/livez", "/no")]
    nonces = [re.findall(r"script-src 'self' 'nonce-([\w-]{16,})'", policy) for policy in policies]
    assert len({nonce for found in nonces for nonce in found}) == 2
    for policy in policies:
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
    assert client.get("/livez").headers["X-Content-Type-Options"] == "nosniff"


def test_the_api_is_shared_with_the_origins_set_and_no_other(services: Services) -> None:
    settings = replace(services.settings, cors_origins=(APP,))
    client = build(parts=replace(services, settings=settings)).test_client()
    good = client.get("/api/v1/health", headers={"Origin": APP})
    assert good.headers["Access-Control-Allow-Origin"] == APP
    assert "Access-Control-Allow-Credentials" not in good.headers
    asked = client.options("/api/v1/health", headers={"Origin": APP})
    assert asked.status_code == 200
    assert "Idempotency-Key" in asked.headers["Access-Control-Allow-Headers"]
    for path, origin in (("/api/v1/health", "https://evil.example"), ("/livez", APP)):
        answer = client.get(path, headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_without_the_setting_nothing_is_shared(client: FlaskClient) -> None:
    answer = client.get("/api/v1/health", headers={"Origin": APP})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_tries_are_counted_even_when_refused_and_then_stopped(client: FlaskClient) -> None:
    answers = [client.post("/api/v1/probe/few", json={}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [409, 409, 429, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"probe";q=2;w=3600'
    assert re.fullmatch(r'"probe";r=1;t=\d+', answers[0].headers["RateLimit"])
    assert int(answers[2].headers["Retry-After"]) >= 1
    assert answers[2].get_json()["code"] == "too-many"


def test_every_write_counts_towards_the_common_limit(client: FlaskClient) -> None:
    answer = client.post("/api/v1/probe", json={"note": "counted"})
    assert '"writes";q=' in answer.headers["RateLimit-Policy"]
    assert "RateLimit" not in client.get("/api/v1/health").headers


def test_a_poll_without_change_costs_no_body(client: FlaskClient) -> None:
    first = client.get("/api/v1/probe/polled")
    again = client.get("/api/v1/probe/polled", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")


def test_pages_follow_one_another_while_rows_are_added(
    client: FlaskClient, services: Services
) -> None:
    def add(*details: str) -> None:
        with services.database.transaction() as session:
            at = services.clock.now(session)
            for detail in details:
                session.add(Incident(id=uuid7(), at=at, code="paged", detail=detail))

    def read(cursor: str = "") -> list[str]:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        answer = client.get("/api/v1/probe/page", query_string=query)
        return str(answer.get_json()["items"]).split("|")

    add("1", "2", "3", "4", "5")
    items, cursor = read()
    assert items == "5,4"
    add("6")
    items, cursor = read(cursor)
    assert items == "3,2"
    assert read(cursor) == ["1", ""]


@pytest.mark.parametrize("change", [lambda c: c[:-1] + ("A" if c[-1] != "A" else "B"), str.lower])
def test_a_changed_cursor_is_refused(
    client: FlaskClient, services: Services, change: type[str]
) -> None:
    with services.database.transaction() as session:
        at = services.clock.now(session)
        session.add_all(Incident(id=uuid7(), at=at, code="paged", detail=str(n)) for n in range(3))
    items = client.get("/api/v1/probe/page?limit=1").get_json()["items"]
    given = items.split("|")[1]
    cursor = change(given)
    assert cursor != given
    answer = client.get("/api/v1/probe/page", query_string={"cursor": cursor})
    assert answer.status_code == 422
    assert answer.get_json()["code"] == "bad-cursor"

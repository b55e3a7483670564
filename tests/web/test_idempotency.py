"""The same write again: one effect, the same answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from app.context import Application
from app.privacy.models import IdempotencyKey
from app.services import Services
from tests.web.conftest import GATE

Count = Callable[[str], int]
URL = "/api/v1/probe/once/018f0000-0000-7000-8000-000000000001"
OTHER_URL = "/api/v1/probe/once/018f0000-0000-7000-8000-000000000002"


def send(
    client: FlaskClient, key: str | None, note: str, then: str = "", url: str = URL
) -> TestResponse:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(url, json={"note": note, "then": then}, headers=headers)


def test_sent_again_it_is_answered_again_and_done_once(client: FlaskClient, notes: Count) -> None:
    key = str(uuid4())
    first, second = send(client, key, "once"), send(client, key, "once")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.data == second.data
    assert second.mimetype == "application/json"
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert notes("once") == 1


@pytest.mark.parametrize("key", [None, "short", "x" * 129, "with space in it", "café-café"])
def test_without_a_proper_key_nothing_is_done(
    client: FlaskClient, notes: Count, key: str | None
) -> None:
    answer = send(client, key, "keyless")
    assert answer.status_code == 400
    assert answer.get_json()["code"] == "idempotency-key-missing"
    assert notes("keyless") == 0


def test_a_key_used_for_another_request_is_refused(client: FlaskClient, notes: Count) -> None:
    key = str(uuid4())
    assert send(client, key, "first").status_code == 201
    for again in (send(client, key, "second"), send(client, key, "first", url=OTHER_URL)):
        assert again.status_code == 422
        assert again.get_json()["code"] == "idempotency-other-body"
    assert (notes("first"), notes("second")) == (1, 0)


def test_a_refused_request_may_be_sent_again_with_its_key(
    client: FlaskClient, notes: Count
) -> None:
    key = str(uuid4())
    assert send(client, key, "again", "refuse").status_code == 409
    assert send(client, key, "again", "crash").status_code == 500
    assert send(client, key, "again").status_code == 201
    assert notes("again") == 1


def test_while_the_first_runs_the_second_is_told_to_wait(
    application: Application, client: FlaskClient, notes: Count
) -> None:
    key, answers = str(uuid4()), []

    def first() -> None:
        with application.test_client() as own:
            answers.append(send(own, key, "slow", "wait").status_code)

    GATE.reached.clear()
    GATE.open.clear()
    thread = threading.Thread(target=first)
    thread.start()
    try:
        assert GATE.reached.wait(20)
        during = send(client, key, "slow", "wait")
    finally:
        GATE.open.set()
        thread.join(20)
    assert during.status_code == 409
    assert during.get_json()["code"] == "idempotency-in-flight"
    assert during.headers["Retry-After"] == "1"
    assert answers == [201]
    assert send(client, key, "slow", "wait").headers["Idempotent-Replayed"] == "true"
    assert notes("slow") == 1


def test_the_stored_answer_shows_nothing(client: FlaskClient, services: Services) -> None:
    key = str(uuid4())
    assert send(client, key, "very-private").status_code == 201
    with services.database.session() as session:
        row = session.execute(
            select(IdempotencyKey).where(text("key = :key")), {"key": key}
        ).scalar_one()
    assert row.status == 201
    assert b"very-private" not in row.answer
    assert b"very-private" not in row.body_hash

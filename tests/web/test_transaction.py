"""A request is one transaction: success is answered only when it is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

URL = "/api/v1/probe"
Count = Callable[[str], int]


def test_an_accepted_write_is_seen_by_others(client: FlaskClient, notes: Count) -> None:
    answer = client.post(URL, json={"note": "kept"})
    assert (answer.status_code, answer.get_json()) == (201, {"note": "kept"})
    assert notes("kept") == 1


@pytest.mark.parametrize(
    ("then", "status", "kept"),
    [("refuse", 409, 0), ("keep", 409, 1), ("crash", 500, 0), ("constraint", 409, 0)],
)
def test_a_refusal_or_crash_keeps_nothing_unless_asked(
    client: FlaskClient, notes: Count, then: str, status: int, kept: int
) -> None:
    answer = client.post(URL, json={"note": f"then-{then}", "then": then})
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert notes(f"then-{then}") == kept


def test_a_commit_that_fails_is_never_answered_as_success(
    client: FlaskClient, notes: Count
) -> None:
    answer = client.post(URL, json={"note": "lost", "then": "lose"})
    assert answer.status_code == 503
    assert answer.get_json()["code"] == "try-again"
    assert answer.headers["Retry-After"]
    assert notes("lost") == 0
    assert client.post(URL, json={"note": "after"}).status_code == 201

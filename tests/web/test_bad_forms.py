"""Forms as clumsy or malicious people send them: a page that says what is wrong, never a 500."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.town import Town

STATEMENT: dict[str, Any] = {
    "programme_id": "0x" + "11" * 32,
    "attester": "0x" + "22" * 20,
    "subject": "0x" + "33" * 32,
    "action_type_id": 1,
    "action_type_version": 1,
    "quantity": 1000,
    "deed_at": 1_790_000_000,
    "nonce": "0x" + "44" * 32,
}
DECLARATION = {"action_type": "bike-trip", "quantity": "2,5", "day": "2026-01-01", "hour": "10:00"}


@pytest.fixture
def clerk(town: Town) -> Iterator[FlaskClient]:
    yield from browser_of(town, "clerk")


@pytest.fixture
def citizen(town: Town) -> Iterator[FlaskClient]:
    yield from browser_of(town, "citizen")


def browser_of(town: Town, who: str) -> Iterator[FlaskClient]:
    with town.client.application.test_client() as client:
        client.set_cookie("civis", town.tokens[who])
        yield client


def send(client: FlaskClient, path: str, form: Mapping[str, Any]) -> tuple[int, str]:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/me").text)
    assert token
    once = {"csrf_token": token[1], "idempotency_key": f"form-{id(form)}-{len(form)}"}
    answer = client.post(path, data={**once, **form})
    return answer.status_code, answer.text


@pytest.mark.parametrize(
    "flaw",
    [
        {"quantity": -1},
        {"quantity": 2**70},
        {"quantity": 1e999},
        {"quantity": True},
        {"quantity": "5"},
        {"attester": "abc"},
        {"action_type_id": -3},
        {"nonce": "0x12"},
        {"programme_id": "0x"},
        {"deed_at": 10**15},
        {"more": 1},
    ],
)
def test_a_statement_that_no_browser_made(clerk: FlaskClient, flaw: dict[str, Any]) -> None:
    text = json.dumps({**STATEMENT, **flaw})
    form = {"statement": text, "signature": "0x" + "00" * 65}
    status, page = send(clerk, "/attest", form)
    assert status == 422
    assert "<h1>" in page


@pytest.mark.parametrize("text", ["", "nothing", "[" * 5000, "null", "[]", '{"quantity": 1}'])
def test_a_statement_that_is_no_statement(clerk: FlaskClient, text: str) -> None:
    assert send(clerk, "/attest", {"statement": text, "signature": "x"})[0] == 422


def test_a_visit_that_is_over_leaves_the_counter_open(clerk: FlaskClient) -> None:
    answer = clerk.get(f"/attest?visit={'00' * 32}")
    assert "Demandez un autre code" in answer.text
    assert 'name="short_number"' in answer.text


@pytest.mark.parametrize("query", ["done=x", "visit=x", "done=%00", "visit=zz&done="])
def test_a_counter_s_address_typed_by_hand(clerk: FlaskClient, query: str) -> None:
    assert clerk.get(f"/attest?{query}").status_code < 500


@pytest.mark.parametrize(
    "flaw",
    [
        {"quantity": "²"},
        {"quantity": "9" * 5000},
        {"quantity": "-1"},
        {"quantity": "1e3"},
        {"quantity": ""},
        {"quantity": "0"},
        {"action_type": "dragon-ride"},
        {"action_type": ""},
        {"day": "0001-01-01"},
        {"day": "9999-12-31"},
        {"day": "tomorrow"},
        {"hour": "25:99"},
    ],
)
def test_a_declaration_with_a_flaw(citizen: FlaskClient, flaw: dict[str, str]) -> None:
    status, page = send(citizen, "/me/declaration", {**DECLARATION, **flaw})
    assert status in {409, 422}
    assert 'class="problem' in page


def test_a_declaration_without_fields(citizen: FlaskClient) -> None:
    assert send(citizen, "/me/declaration", {})[0] in {409, 422}

"""Requests about one's own data: asked by page or program, answered by an officer, with a clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from app.errors import Problem
from app.identity import service as identity
from app.privacy import service as privacy
from app.privacy.service import Actor, Ref
from app.rights import requests
from app.rights.months import months_after
from tests.support.town import Town

WRONG = {"kind": "rectification", "text": "I live in the other district"}
STOP = {"kind": "restriction"}
AGAINST = {"kind": "objection", "purpose": "review", "text": "Not mine to explain"}


def _ask(town: Town, body: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = town.post("citizen", "/me/requests", body)
    return made


def _steps(town: Town, request_id: str) -> list[str]:
    with town.services.database.session() as session:
        return [step.what for step in requests.steps_of(session, UUID(request_id))]


def _review(town: Town) -> str | None:
    """What becomes of an officer who opens a sealed value for a review."""
    person = town.people["citizen"]
    place, officer = Ref("action", "note_sealed", person), Actor(town.people["officer"], "officer")
    with town.services.database.transaction() as session:
        value = privacy.seal(session, person, place, "a note")
        try:
            return privacy.open_sealed(
                session, person, place, value, purpose="review", actor=officer
            )
        except Problem as problem:
            return problem.code


def test_a_correction_is_answered_by_an_officer_and_read_by_the_person(town: Town) -> None:
    made = _ask(town, WRONG)
    assert (made["state"], made["extended"]) == ("open", False)
    assert made["id"] in [one["id"] for one in town.get("officer", "/rights-requests")["items"]]
    looks = len(town.get("citizen", "/me/accesses")["items"])
    read = town.get("officer", f"/rights-requests/{made['id']}")
    assert read["text"] == WRONG["text"]
    assert len(town.get("citizen", "/me/accesses")["items"]) == looks + 1
    said = {"granted": True, "text": "Corrected"}
    town.post("officer", f"/rights-requests/{made['id']}/answer", said, status=200)
    own = town.get("citizen", f"/rights-requests/{made['id']}")
    assert (own["state"], own["answer"]) == ("granted", "Corrected")
    assert _steps(town, made["id"]) == ["received", "read", "granted"]
    again = town.call("officer", "POST", f"/rights-requests/{made['id']}/answer", said)
    assert again.get_json()["code"] == "request-closed"


def test_the_clock_is_a_month_and_two_more_once(town: Town) -> None:
    made = _ask(town, WRONG)
    received = datetime.fromisoformat(made["received_at"])
    assert datetime.fromisoformat(made["due_at"]) == months_after(received, 1)
    path = f"/rights-requests/{made['id']}/extension"
    longer = town.post("officer", path, {"text": "An archive must be searched"}, status=200)
    due = months_after(months_after(received, 1), 2)
    assert datetime.fromisoformat(longer["due_at"]) == due
    refused = town.call("officer", "POST", path, {"text": "And again"})
    assert refused.get_json()["code"] == "request-extended"


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [((2026, 1, 31), 1, (2026, 2, 28)), ((2027, 12, 5), 1, (2028, 1, 5)),
     ((2027, 12, 31), 2, (2028, 2, 29))],
)  # fmt: skip
def test_a_month_ends_with_the_shorter_month(
    day: tuple[int, int, int], months: int, then: tuple[int, int, int]
) -> None:
    after = months_after(datetime(*day, 12, tzinfo=UTC), months)
    assert after == datetime(*then, 12, tzinfo=UTC)


def test_a_restriction_stops_the_very_next_use_until_the_person_ends_it(town: Town) -> None:
    assert _review(town) == "a note"
    assert _ask(town, STOP)["state"] == "granted"
    assert _review(town) == "use-halted"
    assert town.get("citizen", "/me/halts")["items"][0]["purpose"] is None
    assert town.identify()["subject"], "what the person does themselves goes on"
    town.post("citizen", "/me/restriction/end", status=204)
    assert _review(town) == "a note"


def test_an_objection_stops_its_use_and_a_refusal_lets_it_go_on(town: Town) -> None:
    made = _ask(town, AGAINST)
    assert _review(town) == "use-halted"
    said = {"granted": False, "text": "Rewards must be checked"}
    town.post("officer", f"/rights-requests/{made['id']}/answer", said, status=200)
    assert _review(town) == "a note"
    upheld = _ask(town, AGAINST)
    said = {"granted": True, "text": "Agreed"}
    town.post("officer", f"/rights-requests/{upheld['id']}/answer", said, status=200)
    assert _review(town) == "use-halted"


def test_an_objection_taken_back_lets_the_use_go_on(town: Town) -> None:
    made = _ask(town, AGAINST)
    assert (
        town.call("citizen", "POST", "/me/requests", AGAINST).get_json()["code"] == "request-open"
    )
    town.post("citizen", f"/me/requests/{made['id']}/withdrawal", status=204)
    assert _review(town) == "a note"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "rectification"}, "request-text-missing"),
        ({"kind": "objection", "text": "No"}, "objection-not-possible"),
        ({"kind": "objection", "purpose": "partner_trips"}, "objection-not-possible"),
        ({"kind": "objection", "purpose": "nothing-known"}, "objection-not-possible"),
        ({"kind": "erasure"}, "invalid"),
        ({"kind": "rectification", "text": ""}, "invalid"),
        ({}, "invalid"),
    ],
)
def test_what_makes_no_request(town: Town, body: dict[str, Any], code: str) -> None:
    refused = town.call("citizen", "POST", "/me/requests", body)
    assert refused.status_code == 422
    assert refused.get_json()["code"] == code


def test_nobody_answers_their_own_or_reads_anothers(town: Town) -> None:
    own = town.post("officer", "/me/requests", WRONG)
    said = {"granted": True, "text": "Yes, me"}
    refused = town.call("officer", "POST", f"/rights-requests/{own['id']}/answer", said)
    assert refused.get_json()["code"] == "request-own"
    assert town.call("citizen", "GET", f"/rights-requests/{own['id']}").status_code == 404
    theirs = town.call("citizen", "POST", f"/me/requests/{own['id']}/withdrawal")
    assert theirs.status_code == 404


def _browser(town: Town, who: str) -> FlaskClient:
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        token = identity.open_session(session, town.people[who], "browser", now)
    browser = town.client.application.test_client()
    browser.set_cookie("civis", token)
    return browser


def _press(browser: FlaskClient, page: str, path: str, **fields: str) -> str:
    """What the page shows after its form was sent."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)
    assert token
    once = {"csrf_token": token[1], "idempotency_key": str(uuid4())}
    answer = browser.post(path, data=once | fields)
    assert answer.status_code in (303, 422), answer.text
    return answer.text if answer.status_code == 422 else browser.get(page + "?lang=en").text


def test_the_pages_of_both_sides(town: Town) -> None:
    citizen, officer = _browser(town, "citizen"), _browser(town, "officer")
    unique = f"I moved away {uuid4()}"
    page = _press(citizen, "/me/requests", "/me/requests", kind="rectification", text=unique)
    assert "waits for an answer" in page
    assert unique in page
    queue = officer.get("/office/requests?lang=en").text
    [path] = [
        re.findall(r'action="(/office/requests/[0-9a-f-]+)"', section)[0]
        for section in queue.split("<section")[1:]
        if unique in section
    ]
    silent = _press(officer, "/office/requests", path, decision="refused")
    assert "The text" in silent
    after = _press(officer, "/office/requests", path, decision="refused", text="It is right")
    assert unique not in after
    assert "It is right" in citizen.get("/me/requests?lang=en").text
    stopped = _press(citizen, "/me/requests", "/me/requests", kind="restriction", purpose="review")
    assert "Every use but your own stands still" in stopped
    freed = _press(citizen, "/me/requests", "/me/restriction/end")
    assert "stands still" not in freed

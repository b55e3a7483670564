"""A refused form says why, keeps what was typed, and leaves a way on."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from app.identity.models import Organisation
from app.web.entering.sign_in import own_path
from tests.support.town import Town

SOME = "01920000-0000-7000-8000-000000000000"


@pytest.fixture
def clerk(town: Town) -> FlaskClient:
    return browser_of(town, "clerk")


@pytest.fixture
def citizen(town: Town) -> FlaskClient:
    return browser_of(town, "citizen")


def browser_of(town: Town, who: str) -> FlaskClient:
    browser = town.client.application.test_client()
    browser.set_cookie("civis", town.tokens[who])
    return browser


def send(browser: FlaskClient, path: str, **fields: str) -> tuple[int, str, str]:
    """Status, page in English, and where it leads."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/me?lang=en").text)
    assert token
    once = {"csrf_token": token[1], "idempotency_key": str(uuid4())}
    answer = browser.post(path, data=once | fields)
    return answer.status_code, answer.text, answer.location or ""


def signed(town: Town, visit: dict[str, Any], **deed: Any) -> dict[str, str]:
    made = town.signed(visit, **deed)
    said = {"statement": json.dumps(made["statement"]), "signature": made["signature"]}
    return {"ticket": visit["subject"][2:], **said}


def test_a_refused_appeal_is_told_and_its_text_kept(town: Town, citizen: FlaskClient) -> None:
    visit = town.identify()
    made = town.post("clerk", "/attestations", town.signed(visit))
    town.post("officer", f"/actions/{made['id']}/refusal", {"reason": "not-plausible"}, status=200)
    path = f"/me/deeds/{made['id']}/appeal"
    status, page, _ = send(citizen, path, text="I was there\x07, truly")
    assert status == 422
    assert 'id="problem"' in page
    assert "I was there" in page.partition("<textarea")[2]


def test_the_second_deed_of_a_minute_is_refused_at_the_same_counter(
    town: Town, clerk: FlaskClient
) -> None:
    visit = town.identify()
    kind = {"action_type": "paper-recycling"}
    moment = town.signed(visit, **kind)["statement"]["deed_at"]
    again = {"deed_at": _iso(moment), **kind}
    assert send(clerk, "/attest", **signed(town, visit, **again))[0] == 303
    status, page, _ = send(clerk, "/attest", **signed(town, visit, quantity=5000, **again))
    assert status == 409
    assert 'name="action_type"' in page, "the same person can bring something else"


def _iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


def test_a_visit_that_is_over_asks_for_the_next_code(town: Town, clerk: FlaskClient) -> None:
    form = signed(town, town.identify()) | {"ticket": "00" * 32, "signature": "0x" + "11" * 65}
    status, page, _ = send(clerk, "/attest", **form)
    assert status >= 400
    assert 'name="short_number"' in page


def test_after_an_undo_the_same_person_still_stands_there(town: Town, clerk: FlaskClient) -> None:
    visit = town.identify()
    made = town.post("clerk", "/attestations", town.signed(visit, action_type="textile-collection"))
    ticket = visit["subject"][2:]
    status, _, where = send(clerk, f"/attest/undo/{made['id']}", again=ticket)
    assert (status, where) == (303, f"/attest?visit={ticket}")
    assert 'name="action_type"' in clerk.get(where).text


def test_what_waits_for_the_city_is_said_to_clerk_and_citizen(
    town: Town, clerk: FlaskClient, citizen: FlaskClient
) -> None:
    with town.services.database.transaction() as session:
        body = session.get_one(Organisation, town.clerk.organisation.id)
        before, body.actions_per_day = body.actions_per_day, 0
    visit = town.identify()
    try:
        form = signed(town, visit, action_type="electrical-waste", quantity=1000)
        status, _, where = send(clerk, "/attest", **form)
    finally:
        with town.services.database.transaction() as session:
            session.get_one(Organisation, town.clerk.organisation.id).actions_per_day = before
    assert status == 303
    assert "It waits for a decision of the city" in clerk.get(where).text
    made = re.search(r"done=([0-9a-f-]+)", where)
    assert made
    page = citizen.get(f"/me/deeds/{UUID(made[1])}?lang=en").text
    assert "It waits for a decision of the city" in page


@pytest.mark.parametrize("typed", ["3,5 km", "-1", "1.0000001", "beaucoup"])
def test_a_quantity_is_explained_in_the_unit_of_the_field(citizen: FlaskClient, typed: str) -> None:
    form = {"action_type": "walk-trip", "quantity": typed, "day": "2026-01-01", "hour": "10:00"}
    status, page, _ = send(citizen, "/me/declaration", **form)
    assert status == 422
    assert "It is typed in km." in page


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/sign-in/code", "/sign-in"),
        ("/attest/citizen", "/attest"),
        (f"/me/partners/{SOME}", "/me/partners"),
        (f"/me/deeds/{SOME}/appeal", None),
        ("/treasury/pay-outs", "/treasury"),
        ("/me/data/sessions/others/end", "/me/data"),
    ],
)
def test_a_form_s_address_opens_the_page_that_it_stands_on(
    citizen: FlaskClient, path: str, page: str | None
) -> None:
    answer = citizen.get(f"{path}?lang=en")
    expected = page or path.removesuffix("/appeal")
    assert (answer.status_code, answer.location) == (303, f"{expected}?lang=en")


@pytest.mark.parametrize("path", ["//attest/citizen", "///host/attest/citizen", "/attest//citizen"])
def test_no_address_leads_to_another_host(citizen: FlaskClient, path: str) -> None:
    where = citizen.get(path).headers.get("Location", "/")
    assert where.startswith(("/attest", "http://localhost/")) or where == "/"


def test_an_address_that_takes_no_form_is_no_page(citizen: FlaskClient) -> None:
    assert citizen.get("/nowhere/at/all").status_code == 404
    assert citizen.get("/api/v1/sign-out").status_code == 405


@pytest.mark.parametrize(
    "target", ["/\r\nX", "/\x00", "//host", "/\\host", "https://host/", "x", "//["]
)
def test_nobody_is_led_out_of_the_site_or_into_a_broken_header(target: str) -> None:
    assert own_path(target) == ""


def test_nul_reaches_no_view_whatever_the_form_is_packed_in(citizen: FlaskClient) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', citizen.get("/me").text)
    assert token
    form = {"csrf_token": token[1], "email": "a\x00@city.example"}
    answer = citizen.post("/sign-in/code", data=form, content_type="multipart/form-data")
    assert answer.status_code == 400

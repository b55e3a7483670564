"""What proposed rules rely on outside themselves is what the second officer read."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.support.general_rules import GENERAL
from tests.support.town import Town, confirm_by_another
from tests.web.test_outside_data import STRIKES, propose
from tests.web.test_rules_json_page import signed_in, text_of

FIRST, SECOND = "2027-05-01T00:00:00Z", "2027-05-02T00:00:00Z"
NEW = {
    "slug": "",
    "name": {"fr": "Printemps", "en": "Spring"},
    "token_symbol": "PRI",
    "first_day": "2027-06-01",
    "last_day_to_earn": "2027-06-30",
    "last_day_to_spend": "2027-12-31",
}


def asked(town: Town, what: str) -> tuple[str, dict[str, Any]]:
    strike = {"id": "strike", "order": 1, "require": {"in_calendar": {"calendar": what}}}
    rules = {**GENERAL, "outside": {"calendars": [what]}, "conditions": [strike]}
    said = {"rules": rules, "acknowledged": True}
    if what == "programme":
        return "/programmes", {**NEW, **said, "slug": f"relied-{uuid4().hex[:8]}"}
    path = f"/programmes/{town.programme_id}/rule-sets"
    return path, {**said, "valid_from": "2027-06-01T00:00:00Z"}


def relied(what: str, version: int, hashed: str) -> str:
    return f"Relies on Calendar {what}, version {version} by now: {hashed}"


@pytest.mark.parametrize("what", ["programme", "rule-set"])
def test_a_yes_is_to_what_was_shown(town: Town, what: str) -> None:
    calendar = {**STRIKES, "name": what}
    first = propose(town, calendar, FIRST)
    confirm_by_another(town, first)
    path, body = asked(town, what)
    proposal = town.post("officer", path, body)
    second_officer = signed_in(town, "officer-2")
    page = text_of(second_officer.get("/office/decisions").text)
    assert relied(what, 1, first["payload"]["hash"]) in page

    second = propose(town, {**calendar, "data": {"days": ["2027-07-09"]}}, SECOND)
    confirm_by_another(town, second)
    answer = town.call("officer-2", "POST", f"/proposals/{proposal['id']}/confirmation")
    said = answer.get_json()
    assert (answer.status_code, said["code"]) == (409, "outside-changed")
    assert f"calendrier {what}\u00a0: version 2" in said["detail"]

    town.post("officer-2", f"/proposals/{proposal['id']}/rejection", status=200)
    proposal = town.post("officer", path, body)
    page = text_of(second_officer.get("/office/decisions").text)
    assert relied(what, 2, second["payload"]["hash"]) in page
    confirm_by_another(town, proposal)

"""Outside data by page and API: entered by one officer, confirmed by another, read by everybody."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from typing import Any

from app.rewards.outside.documents import document
from app.web import formats
from tests.support.general_rules import GENERAL
from tests.support.town import Town, confirm_by_another
from tests.web.test_bad_forms import send
from tests.web.test_rules_json_page import signed_in, text_of

BEGIN = "2027-07-01T00:00:00Z"
STRIKES: dict[str, Any] = {
    "kind": "calendar",
    "name": "strikes",
    "source": "Prefecture, notice of 3 June 2027",
    "licence": "own data",
    "data": {"days": ["2027-07-05", {"day": "2027-07-02", "fr": "Grève", "en": "Strike"}]},
}
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[2.1, 48.8], [2.2, 48.8], [2.2, 48.9], [2.1, 48.9], [2.1, 48.8]]],
}


def propose(town: Town, said: dict[str, Any], begin: str = BEGIN) -> Any:
    return town.post("officer", "/outside-data", {"document": said, "valid_from": begin})


def test_two_officers_enter_it_and_everybody_reads_it_with_its_hash(town: Town) -> None:
    made = propose(town, STRIKES)
    assert town.get("citizen", "/outside-data?name=strikes")["items"] == []
    confirm_by_another(town, made)
    (listed,) = town.get("citizen", "/outside-data?kind=calendar&name=strikes")["items"]
    found = town.get("citizen", "/outside-data/calendar/strikes/1")
    assert [found["data"]["days"][n] for n in (1, 0)] == STRIKES["data"]["days"]  # by their order
    again = document({name: found[name] for name in ("kind", "name", "source", "licence", "data")})
    assert listed["hash"] == found["hash"] == made["payload"]["hash"] == f"0x{again.hash.hex()}"
    assert town.call("citizen", "GET", "/outside-data/calendar/strikes/2").status_code == 404
    assert town.call("citizen", "GET", "/outside-data/planet/strikes/1").status_code == 404
    same = town.call("officer", "POST", "/outside-data", {"document": STRIKES, "valid_from": BEGIN})
    assert same.get_json()["code"] == "outside-unchanged"
    assert town.call("citizen", "POST", "/outside-data", {}).status_code == 403


def test_a_day_at_the_end_of_the_calendar_is_refused_and_takes_no_page_down(town: Town) -> None:
    for far in ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"):
        body = {"document": {**STRIKES, "name": "far"}, "valid_from": far}
        answer = town.call("officer", "POST", "/outside-data", body)
        assert (answer.status_code, answer.get_json()["code"]) == (422, "date-too-far")
    rules = {"rules": GENERAL, "valid_from": "9999-12-31T23:59:59Z", "acknowledged": True}
    path = f"/programmes/{town.programme_id}/rule-sets"
    missing = {**GENERAL, "outside": {"calendars": ["nowhere"]}, "time_zone": "Pacific/Kiritimati"}
    for said in (rules, {**rules, "rules": missing}):
        assert town.call("officer", "POST", path, said).get_json()["code"] == "date-too-far"
    form = {"rules": json.dumps(missing), "valid_from": "9999-12-31", "step": "preview"}
    page = f"/office/programmes/{town.programme_id}/rules/json"
    assert send(signed_in(town, "officer"), page, form)[0] == 422
    assert signed_in(town, "officer").get("/office/decisions").status_code == 200
    assert formats.moment(datetime.max.replace(tzinfo=UTC), "Europe/Paris")


def test_what_is_wrong_is_named_by_its_path(town: Town) -> None:
    for change, field in (
        ({"kind": "planet"}, "$.kind"),
        ({"name": "à"}, "$.name"),
        ({"source": ""}, "$.source"),
        ({"data": {"days": ["2027-02-30"]}}, "$.data.days[0]"),
        ({"kind": "number", "data": {"value": -1}}, "$.data.value"),
        ({"kind": "zone", "data": {**SQUARE, "type": "Point"}}, "$.data.type"),
    ):
        body = {"document": {**STRIKES, **change}, "valid_from": BEGIN}
        answer = town.call("officer", "POST", "/outside-data", body)
        assert (answer.status_code, answer.get_json()["code"]) == (422, "outside-invalid")
        assert answer.get_json()["errors"][0]["field"] == field


def test_rules_that_name_it_are_published_and_say_its_hash(town: Town) -> None:
    double = {"id": "strike", "order": 9, "when": {"in_calendar": {"calendar": "metro-strikes"}},
              "times": 2}  # fmt: skip
    rules = {**GENERAL, "outside": {"calendars": ["metro-strikes"]}, "adjustments": [double]}
    path = f"/programmes/{town.programme_id}/rule-sets"
    body = {"rules": rules, "valid_from": "2027-08-01T00:00:00Z", "acknowledged": True}
    refused = town.call("officer", "POST", path, body).get_json()
    assert refused["errors"][0]["field"] == "$.outside.calendars[0]"
    days = [{"day": "2027-01-05", "fr": "Grève", "en": "Strike"}]
    made = propose(town, {**STRIKES, "name": "metro-strikes", "data": {"days": days}})
    confirm_by_another(town, made)
    unseen = town.call("officer", "POST", path, {**body, "acknowledged": False}).get_json()
    assert "5 janvier 2027" in unseen["detail"]  # it ends before the programme does
    confirm_by_another(town, town.post("officer", path, body))
    (said,) = town.get("citizen", path)["items"][0]["outside"]
    assert said == {"kind": "calendar", "name": "metro-strikes", "version": 1,
                    "hash": made["payload"]["hash"]}  # fmt: skip
    shown = signed_in(town, "citizen").get("/outside-data/calendar/metro-strikes").text
    assert made["payload"]["hash"] in shown
    assert "Strike" in shown
    file = town.client.get("/outside-data/calendar/metro-strikes/1.json").get_json()
    assert f"0x{document(file).hash.hex()}" == made["payload"]["hash"]


FAIR = {"kind": "calendar", "name": "fair", "source": "Mairie, agenda 2027",
        "licence": "own data", "valid_from": "2027-07-01",
        "data": "2027-07-03\n2027-07-02 | Foire | Fair\n2027-02-30"}  # fmt: skip


def test_what_an_officer_types_wrong_is_named_as_the_form_does(town: Town) -> None:
    office, path, form = signed_in(town, "officer"), "/office/outside-data", FAIR
    status, page = send(office, path, form)
    assert (status, "What it says, line 3: 2027-02-30 isn't in the calendar" in text_of(page)) == (
        422, True,
    )  # fmt: skip
    status, page = send(office, path, {**form, "source": "Mairie"})
    assert (status, "Source: must have from 10 to 500 signs" in page, "$." in page) == (
        422, True, False,
    )  # fmt: skip
    assert re.search(r'name="source"[^>]*aria-invalid="true"', page, re.DOTALL)
    assert "2027-07-02 | Foire | Fair" in page  # what was typed is still there
    status, page = send(office, path, {**form, "data": "{"})
    assert (status, "begins as JSON and is none" in page) == (422, True)


def test_an_officer_types_lines_or_sends_geojson(town: Town) -> None:
    office, path = signed_in(town, "officer"), "/office/outside-data"
    form = {**FAIR, "data": FAIR["data"][:-11]}
    assert send(office, path, form)[0] == 303
    file = (io.BytesIO(json.dumps(SQUARE).encode()), "square.geojson")
    sent = {**form, "kind": "zone", "data": "", "file": file}
    assert send(office, path, sent)[0] == 303
    decisions = text_of(signed_in(town, "officer-2").get("/office/decisions").text)
    assert "Zone fair outside the rules, version 1" in decisions
    assert "a border of 4 points" in decisions
    assert "2 days, from 2 July 2027 to 3 July 2027" in decisions
    waiting = town.get("officer-2", "/proposals")["items"]
    for proposal in [one for one in waiting if one["state"] == "open"]:
        town.post("officer-2", f"/proposals/{proposal['id']}/confirmation", status=200)
    next_one = office.get(f"{path}?kind=calendar&name=fair").text
    assert "2027-07-02 | Foire | Fair\n2027-07-03" in next_one
    later = {**form, "data": "2027-07-02\n2027-07-04", "valid_from": "2027-08-01"}
    assert send(office, path, later)[0] == 303
    decisions = text_of(signed_in(town, "officer-2").get("/office/decisions").text)
    assert "New: 4 July 2027" in decisions
    assert "No longer: 3 July 2027" in decisions


def test_a_rule_set_typed_by_hand_is_tried_with_what_is_kept(town: Town) -> None:
    office = signed_in(town, "officer")
    path = f"/office/programmes/{town.programme_id}/rules/json"
    most = {"id": "most", "order": 1, "per": "citizen", "period": "day", "counts": "cents",
            "most": {"number": "a-day"}, "time_zone": "Europe/Paris",
            "at_limit": "cut"}  # fmt: skip
    rules = {**GENERAL, "outside": {"numbers": ["a-day"]}, "limits": [most]}
    form = {"rules": json.dumps(rules), "valid_from": "2027-08-01", "step": "preview"}
    status, page = send(office, path, form)
    assert (status, "$.outside.numbers[0]" in page) == (422, True)
    number = {**STRIKES, "kind": "number", "name": "a-day", "data": {"value": 7}}
    confirm_by_another(town, propose(town, number, "2026-01-01T00:00:00Z"))
    status, page = send(office, path, form)
    assert (status, "0.07 tokens" in page) == (200, True)
    trial = f"/office/programmes/{town.programme_id}/trial"
    assert send(office, trial, {"rules": json.dumps(rules)})[0] == 200


def test_stored_rules_are_tried_with_what_holds_once_they_do(town: Town) -> None:
    confirm_by_another(town, propose(town, {**STRIKES, "name": "later"}))
    asked = {"id": "strike", "order": 1, "require": {"in_calendar": {"calendar": "later"}}}
    stored = {**GENERAL, "outside": {"calendars": ["later"]}, "conditions": [asked]}
    body = {"rules": stored, "valid_from": "2027-08-01T00:00:00Z", "acknowledged": True}
    path = f"/programmes/{town.programme_id}/rule-sets"
    confirm_by_another(town, town.post("officer", path, body))
    office, base = signed_in(town, "officer"), f"/office/programmes/{town.programme_id}"
    for rules in (stored, GENERAL):
        typed = json.dumps(rules)
        status, page = send(office, f"{base}/trial", {"rules": typed})
        assert (status, "Traceback" in page) == (200, False)
        assert send(office, f"{base}/dry-run", {"rules": typed, "who": "steady"})[0] == 200
        early = {"rules": typed, "valid_from": "2027-05-01"}  # before what holds then does
        status, page = send(office, f"{base}/rules/check", early)
        missing = ["$.outside.calendars[0]"] if rules is stored else []
        assert (status, [one["place"] for one in json.loads(page)["faults"]]) == (200, missing)


def test_a_calendar_that_ends_too_early_is_a_warning_to_both_officers(town: Town) -> None:
    few = {**STRIKES, "name": "few", "data": {"days": ["2027-01-05"]}}  # before the programme ends
    confirm_by_another(town, propose(town, few))
    office, path = signed_in(town, "officer"), f"/office/programmes/{town.programme_id}/rules/json"
    asked = {"in_calendar": {"calendar": "few"}}
    strike = {"id": "strike", "order": 1, "require": asked}
    rules = {**GENERAL, "outside": {"calendars": ["few"]}, "conditions": [strike]}
    form = {"rules": json.dumps(rules), "valid_from": "2027-08-01", "step": "propose"}
    says = "knows no day after 5 January 2027"
    status, page = send(office, path, form)
    assert (status, says in text_of(page)) == (422, True)
    assert send(office, path, {**form, "seen": "yes"})[0] == 303
    assert says in text_of(signed_in(town, "officer-2").get("/office/decisions").text)

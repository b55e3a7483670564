"""The officer's editor: a form and JSON over one rule set, for a new programme too."""

from __future__ import annotations

import html
import json
import re

from app.rewards.rule_sets.rule_changes import PROGRAMME
from app.rewards.rule_sets.safe_rules import safe_rules
from tests.support.town import Town
from tests.unit.rewards.rules_world import condition, limit, rules
from tests.web.test_bad_forms import send
from tests.web.test_office_forms import PROGRAMME as TYPED
from tests.web.test_rules_json_page import signed_in, text_of

NEW, JSON = "/office/programmes/new", "/office/programmes/new/json"
NAMES = {name: text for name, text in TYPED.items() if name not in {"base", "seen", "step"}}
# A zone, an exclusion and tiers: nothing that the form shows.
WIDE = rules(
    zones={"centre": {"codes": {"district": ["1"]}}},
    conditions=[
        condition({"in_zone": {"zone": "centre", "end": "end", "unknown": "pass"}}, "exclude")
    ],
    tariffs=[{"id": "tiers", "order": 1, "bands": "cumulative", "measure": "quantity",
              "steps": [{"fixed_cents": 10}, {"from": 5, "fixed_cents": 20}]}],
    limits=[limit("day", 1, most=500)],
)  # fmt: skip


def field(page: str, name: str) -> str:
    found = re.findall(rf'name="{name}"[^>]* value="([^"]*)"', page)
    return html.unescape(found[0])


def text_area(page: str) -> str:
    (found,) = re.findall(r'<textarea id="f-rules"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    return html.unescape(found)


def test_a_new_programme_is_written_as_json_and_its_warnings_are_seen(town: Town) -> None:
    office = signed_in(town, "officer")
    assert json.loads(text_area(office.get(JSON).text))["version"] == 2
    odd = {**WIDE, "limits": [limit("day", 1, most=500), limit("never", 2, most=900)]}
    form = {**NAMES, "slug": "by-json", "rules": json.dumps(odd), "step": "propose"}
    status, page = send(office, JSON, form)
    assert (status, "These rules have warnings" in page) == (422, True)
    preview, broken = {**form, "step": "preview"}, {**form, "rules": "{"}
    status, page = send(office, JSON, preview)
    assert (status, "Excluded: it ends in" in text_of(page)) == (200, True)
    status, page = send(office, JSON, broken)
    assert (status, "line 1, column 2" in page, "by-json" in page) == (422, True, True)
    assert send(office, JSON, {**form, "seen": "yes"})[0] == 303
    (made,) = [
        one for one in town.get("officer", "/proposals")["items"] if one["kind"] == PROGRAMME
    ]
    assert made["kind"] == PROGRAMME


def test_form_and_json_go_into_each_other_and_nothing_is_lost(town: Town) -> None:
    office = signed_in(town, "officer")
    form = {**NAMES, "rules": json.dumps(WIDE), "step": "form"}
    status, page = send(office, JSON, form)
    assert (status, "These rules say more than this form can show" in page) == (200, True)
    assert field(page, "slug") == NAMES["slug"]
    assert "Excluded: it ends in" in text_of(page)
    typed = {name: field(page, name) for name in ("base", "time_zone", "cap0_most", "cap0_id")}
    row = {"cap0_per": "citizen", "cap0_period": "week", "cap0_counts": "cents", "cap0_at": "cut"}
    typed |= row | {"cap0_zone": "Europe/Paris", "cap0_order": "1", "rate_bus-trip": "0.30"}
    status, page = send(office, NEW, {**NAMES, **typed, "way_bus-trip": "each", "step": "json"})
    made = json.loads(text_area(page))
    assert (made["zones"], made["conditions"][:1]) == (WIDE["zones"], WIDE["conditions"])
    assert [one["id"] for one in made["conditions"]] == ["one", "proof", "age"], "what was typed"
    assert [one["id"] for one in made["tariffs"]] == ["tiers", "rate-bus-trip"]
    assert made["limits"][0]["period"] == "week"


def parts_open(page: str) -> set[str]:
    return set(re.findall(r'<details class="[^"]*fold" id="([a-z]+)" open>', page))


def test_the_form_is_folded_and_what_is_wrong_or_asked_for_stands_open(town: Town) -> None:
    office = signed_in(town, "officer")
    begun = office.get(NEW).text
    assert (parts_open(begun), "kinds of deeds" in begun) == (set(), True)
    assert "<strong>Warnings</strong>" not in begun, "what it begins with is safe"
    form = {**NAMES, "base": field(begun, "base"), "step": "preview"}
    form |= {f"rate_{kind}": "1" for kind in ("bus-trip", "tram-trip", "bike-trip", "metro-trip")}
    form |= {f"rate_{kind}": "1" for kind in ("glass-recycling", "nature-care", "shoe-repair")}
    status, page = send(office, NEW, {**form, "from_bus-trip": "07:00"})
    assert (status, parts_open(page)) == (422, {"moving"})
    assert "Trip by bus: an hour is missing" in page
    assert "The field “before this hour” is empty." in page
    status, page = send(office, NEW, {**form, "cap0_most": "much", "open": "counted nonsense"})
    assert (status, parts_open(page)) == (422, {"limits", "counted"})
    status, page = send(office, NEW, {**form, "calendar": "on:nowhere", "proof_measured": "yes"})
    assert (status, parts_open(page)) == (422, {"kinds"})
    assert "keeps no calendar nowhere" in page


def test_a_row_is_added_and_its_conditions_are_shown_without_a_script(town: Town) -> None:
    office = signed_in(town, "officer")
    base = {**NAMES, "base": json.dumps(WIDE)}
    added = {**base, "step": "add", "add_kind": "bus-trip"}  # kept: its id is the form's key
    _status, page = send(office, NEW, added)
    assert 'name="rate_bus-trip"' in page
    assert 'name="least_bus-trip"' not in page
    more = {**base, "row_bus-trip": "yes", "step": "more:bus-trip"}
    _status, page = send(office, NEW, more)
    assert 'name="least_bus-trip"' in page
    cap = {**base, "step": "cap"}
    _status, page = send(office, NEW, cap)
    assert 'name="cap1_most"' in page


def test_it_is_checked_while_somebody_types(town: Town) -> None:
    office = signed_in(town, "officer")
    token = field(office.get(NEW).text, "csrf_token")
    paths = [f"{NEW[:-4]}/{town.programme_id}/rules/check", f"{NEW}/check"]
    for path, number in zip(paths, (2, 1), strict=True):
        good = {"csrf_token": token, "base": json.dumps(safe_rules("Europe/Paris"))}
        form = {**good, "rate_bus-trip": "0.30", "way_bus-trip": "each", "proof_measured": "yes",
                "max_age_days": "7"}  # fmt: skip
        said = office.post(path, data=form).get_json()
        assert said["faults"] == []
        budget = "Limits: no limit counts the programme's cents: the rules alone bound no budget"
        assert (budget in said["warnings"]) == (number == 2), "a new one has its budget"
        (row,) = [one for one in said["samples"] if one["what"].startswith("Trip by bus")]
        assert (row["was"] is None, row["will"]) == (number == 1, "0.30 tokens")
        wrong = office.post(path, data={**form, "max_age_days": "soon"}).get_json()
        assert wrong["faults"][0]["place"] == "The number of days was not understood"
        typed = json.dumps({**WIDE, "rounding": "sideways"})
        wrong = office.post(path, data={"csrf_token": token, "rules": typed}).get_json()
        assert wrong["faults"][0]["place"] == "$.rounding"


def test_rules_of_version_1_are_acknowledged_by_the_api_too(town: Town) -> None:
    path = f"/programmes/{town.programme_id}/rule-sets"
    stored = town.get("officer", path)["items"][-1]["rules"]
    assert stored["version"] == 1
    body = {"rules": stored, "valid_from": "2027-06-01T00:00:00Z"}
    refused = town.call("officer", "POST", path, body)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "rules-with-warnings")
    assert town.post("officer", path, {**body, "acknowledged": True})["kind"] == "rule-set"

"""The office's rule set editor: checked while typing, previewed, then published by two."""

from __future__ import annotations

import html
import json
import re

from flask.testing import FlaskClient

from app.web.rule_sets import rule_json
from tests.support.town import Town
from tests.unit.rewards.rules_world import TARIFF, condition, limit, rules
from tests.web.test_bad_forms import send

GENERAL = rules(
    conditions=[condition({"action_type": {"in": ["glass-recycling"]}})],
    limits=[limit("day", 1, most=500)],
)
DAY = "2027-06-01"


def signed_in(town: Town, who: str) -> FlaskClient:
    client = town.client.application.test_client()
    client.set_cookie("civis", town.tokens[who])
    client.get("/me?lang=en")
    return client


def text_of(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", page))


def test_an_officer_writes_rules_and_a_second_publishes_them(town: Town) -> None:
    office, path = signed_in(town, "officer"), f"/office/programmes/{town.programme_id}/rules/json"
    shown = office.get(path).text
    (stored,) = re.findall(r"<textarea[^>]*>(.*?)</textarea>", shown, re.DOTALL)
    assert json.loads(html.unescape(stored))["version"] == 2
    form = {"rules": json.dumps(GENERAL), "valid_from": DAY}
    preview, unseen = {**form, "step": "preview"}, {**form, "step": "propose"}
    seen = {**unseen, "seen": "yes"}

    status, page = send(office, path, preview)
    page = text_of(page)
    assert status == 200
    assert "<ins>" not in page.split("Needed: the deed is “Glass")[0].split("What would change")[0]
    assert "At most 5.00 tokens for each person a day" in page  # new
    assert "<del>At most 60.00 tokens for each person a month" in page  # gone
    assert 'Glass brought to recycling, 1 kg</td><td class="number">0.05 tokens' in page
    assert "$.limits no limit counts the programme's cents" in page  # a warning

    status, page = send(office, path, unseen)
    assert (status, "These rules have warnings" in page) == (422, True)
    status, _ = send(office, path, seen)
    assert status == 303
    confirmed(town)


def confirmed(town: Town) -> None:
    """By the second officer, who reads what changes."""
    waiting = text_of(signed_in(town, "officer-2").get("/office/decisions").text)
    assert "<ins>At most 5.00 tokens for each person a day" in waiting
    assert "<del>At most 60.00 tokens for each person a month" in waiting
    assert "Warning: Limits: counts no more by the name" in waiting
    (proposal,) = town.get("officer-2", "/proposals")["items"]
    town.post("officer-2", f"/proposals/{proposal['id']}/confirmation", status=200)
    sets = town.get("citizen", f"/programmes/{town.programme_id}/rule-sets")["items"]
    assert [(one["version"], one["rules"]["version"]) for one in sets] == [(2, 2), (1, 1)]


def test_what_is_wrong_is_told_with_its_place(town: Town) -> None:
    office, before = signed_in(town, "officer"), town.get("officer", "/proposals")
    base = f"/office/programmes/{town.programme_id}/rules"
    wrong = {**GENERAL, "tariffs": [{**TARIFF, "order": "first"}], "limits": 3}
    status, page = send(office, f"{base}/json", {"rules": json.dumps(wrong), "step": "propose"})
    assert status == 422
    assert '<span class="code">$.tariffs[0].order</span> must be a whole number' in page
    _, answer = send(office, f"{base}/check", {"rules": json.dumps(wrong)})
    said = json.loads(answer)
    assert [one["place"] for one in said["faults"]] == ["$.tariffs[0].order", "$.limits"]
    _, answer = send(office, f"{base}/check", {"rules": '{"version": 2,'})
    assert "line 1, column" in json.loads(answer)["faults"][0]["says"]
    assert town.get("officer", "/proposals") == before


def test_whatever_is_typed_has_a_place_and_a_remedy(town: Town) -> None:
    for flaw in (
        "[" * 5000,
        "",
        "null",
        '{"version": 1}',
        '{"version": NaN}',
        "\ud800",
        "9" * 9999,
    ):
        with town.client.application.test_request_context(headers={"Accept-Language": "fr"}):
            found = rule_json.read(flaw)
        assert (found.data, len(found.faults) > 0) == (None, True)
        assert not re.search("nested|Expecting|holds|no number", found.faults[0].says)
    with town.client.application.test_request_context(headers={"Accept-Language": "en"}):
        unknown = condition({"action_type": {"in": ["dragon-riding"]}})
        (fault,) = rule_json.read(json.dumps({**GENERAL, "conditions": [unknown]})).faults
    assert fault.place == "$.conditions[0].require.action_type.in[0]"

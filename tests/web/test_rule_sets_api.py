"""A programme's rules by the API: published by two, from a day on."""

from __future__ import annotations

from app.rewards.language.loading import Vocabulary, load
from app.rewards.rule_sets.published import rule_set_hash
from tests.support.city import RULES
from tests.support.general_rules import GENERAL
from tests.support.town import Town, confirm_by_another


def test_new_rules_begin_later_and_old_deeds_keep_theirs(town: Town) -> None:
    body = {"rules": RULES, "valid_from": "2026-01-01T00:00:00Z", "acknowledged": True}
    path = f"/programmes/{town.programme_id}/rule-sets"
    past = town.call("officer", "POST", path, body).get_json()
    assert past["code"] == "rules-in-the-past"
    later = town.post("officer", path, {**body, "valid_from": "2027-06-01T00:00:00Z"})
    assert [one["version"] for one in town.get("citizen", path)["items"]] == [1]
    assert later["id"] in [one["id"] for one in town.get("officer", "/proposals")["items"]]
    confirm_by_another(town, later)
    assert [one["version"] for one in town.get("citizen", path)["items"]] == [2, 1]


def test_rules_of_the_general_language_are_published_by_two(town: Town) -> None:
    path = f"/programmes/{town.programme_id}/rule-sets"
    body = {"rules": GENERAL, "valid_from": "2027-07-01T00:00:00Z"}
    wrong = {**GENERAL, "tariffs": [{**GENERAL["tariffs"][0], "order": "first"}]}
    refused = town.call("officer", "POST", path, {**body, "rules": wrong})
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["field"] == "$.tariffs[0].order"
    unseen = town.call("officer", "POST", path, body).get_json()
    assert unseen["code"] == "rules-with-warnings"
    assert "plafond par personne" in unseen["detail"]
    confirm_by_another(town, town.post("officer", path, {**body, "acknowledged": True}))
    newest = town.get("citizen", path)["items"][0]
    assert newest["rules"] == load(GENERAL, Vocabulary.anything()).data
    assert newest["hash"] == "0x" + rule_set_hash(newest["rules"]).hex()
    budget = town.get("treasurer", f"/programmes/{town.programme_id}/budget")
    assert budget["left"] == budget["funded"] - budget["reserved"] - budget["minted"]
    assert town.call("clerk", "GET", f"/programmes/{town.programme_id}/budget").status_code == 403

"""Deeds by the API alone: programme and money, the counter, the citizen's list, review."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.support.city import RULES
from tests.support.town import Town, confirm_by_another


def test_from_the_counter_to_the_citizens_list(town: Town) -> None:
    body = town.signed(town.identify())
    made = town.post("clerk", "/attestations", body)
    assert made["state"] == "authenticated"
    assert "person_id" not in made
    assert "reward_cents" not in made
    [entered] = town.get("clerk", "/attestations")["items"]
    assert entered == made
    [own] = town.get("citizen", "/me/actions")["items"]
    assert (own["id"], own["reward_cents"]) == (made["id"], 10)
    assert [line["cents"] for line in own["explanation"]] == ["10"]
    money = town.get("citizen", "/me/balance")
    assert (money["available_cents"], money["coming_cents"]) == (0, 10)
    assert money["coming"][0]["due_at"] == own["due_at"]
    progress = town.get("citizen", f"/programmes/{town.programme_id}/progress")
    assert set(progress.values()) == {0}, "one visit shows nothing"


def test_the_same_key_gives_the_same_answer_and_another_body_is_refused(town: Town) -> None:
    body, key = town.signed(town.identify()), str(uuid4())
    first = town.call("clerk", "POST", "/attestations", body, key=key)
    again = town.call("clerk", "POST", "/attestations", body, key=key)
    assert (first.status_code, again.get_json()) == (201, first.get_json())
    other = town.call(
        "clerk", "POST", "/attestations", {**body, "confirmed_unusual": True}, key=key
    )
    assert other.get_json()["code"] == "idempotency-other-body"
    replayed = town.call("clerk", "POST", "/attestations", body)
    assert (replayed.status_code, replayed.get_json()["code"]) == (409, "attestation-replayed")


@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        (0, "quantity-zero"),
        (-1, "quantity-negative"),
        (1.5, "quantity-fractional"),
        ("3000", "quantity-fractional"),
        (None, "quantity-fractional"),
        (10**30, "quantity-too-large"),
        (16_000, "quantity-unusual"),
    ],
)
def test_a_bad_quantity_is_named_with_its_field_and_remedy(
    town: Town, quantity: Any, code: str
) -> None:
    before = town.count()
    deed = {
        "programme_id": str(town.programme_id),
        "action_type": "bike-trip",
        "quantity": quantity,
        "deed_at": "2026-11-23T08:00:00Z",
    }
    with town.services.database.session() as session:
        deed["deed_at"] = town.services.clock.now(session).isoformat()
    answer = town.call("citizen", "POST", "/actions", deed)
    problem = answer.get_json()
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert problem["code"] == code
    [flaw] = problem["errors"]
    assert flaw["field"] in {"quantity", "confirmed_unusual"}
    assert flaw["remedy"]
    assert town.count() == before


def test_undone_by_the_clerk_and_by_nobody_else(town: Town) -> None:
    made = town.post("clerk", "/attestations", town.signed(town.identify()))
    path = f"/actions/{made['id']}/withdrawal"
    refused = town.call("citizen", "POST", path)
    assert refused.get_json()["code"] == "undo-not-yours"
    town.post("clerk", path, status=204)
    assert town.get("citizen", "/me/actions")["items"][0]["state"] == "withdrawn"


def test_refused_appealed_and_answered(town: Town) -> None:
    made = town.post("clerk", "/attestations", town.signed(town.identify()))
    town.post("officer", f"/actions/{made['id']}/refusal", {"reason": "not-plausible"}, status=200)
    own = town.get("citizen", f"/me/actions/{made['id']}")
    assert own["state"] == "refused"
    assert own["reason"]
    assert own["remedy"]
    appeal = town.post("citizen", f"/actions/{made['id']}/appeal", {"text": "J'y étais."})
    assert appeal["id"] in [one["id"] for one in town.get("officer", "/appeals")["items"]]
    read = town.get("officer", f"/appeals/{appeal['id']}")
    assert (read["text"], read["answer"]) == ("J'y étais.", None)
    answer = {"upheld": True, "text": "C'est juste."}
    town.post("officer", f"/appeals/{appeal['id']}/answer", answer, status=200)
    assert town.get("citizen", f"/me/actions/{made['id']}")["reward_cents"] == 10
    assert town.get("citizen", f"/appeals/{appeal['id']}")["answer"] == "C'est juste."
    assert town.call("treasurer", "GET", f"/appeals/{appeal['id']}").status_code == 404


def test_a_programme_is_made_and_funded_by_two(town: Town) -> None:
    new = {
        "slug": f"saison-{uuid4().hex[:8]}",
        "name": {"fr": "Printemps", "en": "Spring"},
        "token_symbol": "PRI",
        "first_day": "2026-01-01",
        "last_day_to_earn": "2027-06-30",
        "last_day_to_spend": "2027-12-31",
        "rules": RULES,
        "acknowledged": True,
    }
    wrong = {**new, "rules": {**RULES, "max_age_days": -1}}
    refused = town.call("officer", "POST", "/programmes", wrong).get_json()
    assert refused["errors"][0]["field"] == "$.max_age_days"
    confirm_by_another(town, town.post("officer", "/programmes", new))
    made = town.get("officer", "/programmes")["items"][0]
    assert (made["slug"], made["state"]) == (new["slug"], "draft")
    asked = {"amount_cents": 500_000, "bank_reference": uuid4().hex}
    funding = town.post("treasurer", f"/programmes/{made['id']}/funding", asked)
    path = f"/funding/{funding['id']}/confirmation"
    alone = town.call("treasurer", "POST", path).get_json()
    assert alone["code"] == "second-treasurer-needed"
    confirmed = town.post("treasurer-2", path, status=200)
    assert confirmed["confirmed_at"]
    assert confirmed["final_at"] is None  # only the chain says so
    twice = town.call("treasurer", "POST", f"/programmes/{made['id']}/funding", asked)
    assert twice.get_json()["code"] == "bank-reference-known"


def test_a_revoked_organisation_vouches_no_more(town: Town) -> None:
    body, organisation = town.signed(town.identify()), town.clerk.organisation.id
    path = f"/organisations/{organisation}/key/revocation"
    unknown = town.call("officer", "POST", path, {"reason": "because"})
    assert (unknown.status_code, unknown.get_json()["errors"][0]["field"]) == (422, "reason")
    assert town.call("clerk", "POST", path, {"reason": "stolen"}).status_code == 403
    confirm_by_another(town, town.post("officer", path, {"reason": "stolen"}))
    refused = town.call("clerk", "POST", "/attestations", body).get_json()
    assert refused["code"] == "organisation-key-missing"


def test_a_proposal_can_be_rejected(town: Town) -> None:
    path = f"/organisations/{town.clerk.organisation.id}/key/revocation"
    proposal = town.post("officer", path, {"reason": "lost"})
    waiting = town.call("officer-2", "POST", path, {"reason": "lost"})
    assert (waiting.status_code, waiting.get_json()["code"]) == (409, "proposal-waits")
    answer = f"/proposals/{proposal['id']}/rejection"
    assert town.post("officer-2", answer, status=200)["state"] == "rejected"


def test_an_organisation_is_entered_by_an_officer(town: Town) -> None:
    new = {"slug": f"shop-{uuid4().hex[:8]}", "kind": "merchant", "name": "Épicerie"}
    assert town.call("citizen", "POST", "/organisations", new).status_code == 403
    made = town.post("officer", "/organisations", new)
    assert (made["name"], made["key_address"]) == ("Épicerie", None)
    city = town.call("officer", "POST", "/organisations", {**new, "kind": "city"})
    assert (city.status_code, city.get_json()["code"]) == (422, "organisation-kind")


def test_paused_takes_nothing_until_resumed(town: Town) -> None:
    path = f"/programmes/{town.programme_id}"
    town.post("officer", f"{path}/pause", status=200)
    visit = town.identify()
    answer = town.call(
        "clerk",
        "POST",
        "/attestations/drafts",
        {"subject": visit["subject"], "action_type": "glass-recycling", "quantity": 1000},
    )
    assert answer.get_json()["code"] == "programme-not-running"
    town.post("officer", f"{path}/resumption", status=200)
    town.post("clerk", "/attestations", town.signed(visit))


def test_a_clerk_vouches_for_nobody_like_themselves(town: Town) -> None:
    town.people["citizen"] = town.people["clerk"]
    own = town.post("clerk", "/attestations/visits", town.code_of("clerk"), status=403)
    assert own["code"] == "not-for-oneself"


def test_one_visit_never_fills_the_caps_of_several_days(town: Town) -> None:
    visit = town.identify()
    with town.services.database.session() as session:
        now = town.services.clock.now(session)
    for days in (1, 2, 6):
        deed = {"deed_at": (now - timedelta(days=days)).isoformat()}
        said = {"subject": visit["subject"], "action_type": "glass-recycling", "quantity": 500}
        refused = town.post("clerk", "/attestations/drafts", {**said, **deed}, status=422)
        assert refused["code"] == "deed-not-on-the-spot"
        assert refused["errors"][0]["field"] == "deed_at"
    body = town.signed(visit, quantity=500)
    body["statement"]["deed_at"] -= 3 * 86400
    refused = town.post("clerk", "/attestations", body, status=422)
    assert refused["code"] in {"attestation-forged", "key-unknown"}, "the signature covers the day"

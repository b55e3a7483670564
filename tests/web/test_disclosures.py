"""Data for a study: asked for by name, admitted, answered person by person while they agree."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.identity import service as identity
from app.identity.ages import AgeBand
from app.identity.models import OrganisationKind, Person, Role
from app.privacy import consents
from app.privacy.notices import OPERATOR, purpose_named
from app.rights.disclosures import PURPOSES, READERS
from tests.support.city import City
from tests.support.town import Town

STUDY = "Whether a bin nearer to the door is used more often"
ACTIONS = ["actions"]


@dataclass
class Study:
    """A partner that asks, and people who may agree."""

    town: Town
    recipient: str
    people: list[UUID]

    def wanted(self, **other: Any) -> dict[str, Any]:
        said = {"purpose": "research", "recipient": self.recipient, "fields": ACTIONS}
        return {**said, "study": STUDY, **other}

    def agree(self, *people: UUID) -> None:
        with self.town.services.database.transaction() as session:
            now = self.town.services.clock.now(session)
            for one in people:
                consents.give_consent(session, one, "research", self.recipient, now)

    def answer(self, made: str, who: str = "partner", query: str = "") -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.town.get(who, f"/disclosures/{made}/people{query}")[
            "items"
        ]
        return items

    def refused(self, made: str, who: str = "partner") -> tuple[int, str]:
        answer = self.town.call(who, "GET", f"/disclosures/{made}/people")
        return answer.status_code, answer.get_json()["code"]

    def page(self, path: str, who: str) -> str:
        self.town.client.set_cookie("civis", self.town.tokens[who])
        shown = self.town.client.get(path).text
        self.town.client.delete_cookie("civis")
        return shown


@pytest.fixture
def study(town: Town) -> Study:
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        city = City(session, now)
        bodies = [city.organisation(OrganisationKind.PARTNER).id for _ in range(2)]
        for who, body in zip(("partner", "partner-2"), bodies, strict=True):
            town.people[who] = city.citizen().id
            identity.grant_role(
                session,
                person_id=town.people[who],
                role=Role.PARTNER,
                organisation_id=body,
                now=now,
            )
            town.tokens[who] = identity.open_session(session, town.people[who], "api", now)
        others = [city.citizen().id for _ in range(5)]
        session.get_one(Person, town.people["citizen"]).age_band = AgeBand.ADULT
    return Study(town, str(bodies[0]), others)


def test_who_agrees_is_in_the_answer_and_after_the_withdrawal_in_none(study: Study) -> None:
    town = study.town
    town.post("clerk", "/attestations", town.signed(town.identify()))
    made = _admitted(study)
    everybody = study.answer(made)
    assert len({one["person"] for one in everybody}) == 6
    assert not {one["person"] for one in everybody} & {one.hex for one in study.people}
    own = _given_and_seen(study, everybody)
    town.post("citizen", "/me/requests", {"kind": "restriction"})
    [halted] = [one for one in study.answer(made) if one["person"] == own]
    assert [one["withheld"] for one in halted["fields"]] == ["halted", "not-in-register"]
    town.post("citizen", "/me/restriction/end", status=204)
    end = {"purpose": "research", "recipient": study.recipient}
    town.post("citizen", "/me/consents/withdrawals", end, status=204)
    looks = town.get("citizen", "/me/accesses")["items"]
    after = {one["person"] for one in study.answer(made)}
    assert after == {one["person"] for one in everybody} - {own}
    assert town.get("citizen", "/me/accesses")["items"] == looks
    _only_while_it_lasts(study, made)


def _admitted(study: Study) -> str:
    """Asked of people from the admission on; five must agree."""
    town = study.town
    made: str = town.post("partner", "/disclosures", study.wanted(fields=["actions", "email"]))[
        "id"
    ]
    assert study.refused(made) == (409, "disclosure-closed")
    assert STUDY not in study.page("/me/data", "citizen"), "asked before anybody admitted it"
    said = town.post("officer", f"/disclosures/{made}/decision", {"admitted": True}, status=200)
    assert said["state"] == "admitted"
    assert STUDY in study.page("/me/data", "citizen")
    notice = {"purpose": "research", "notice_version": purpose_named("research").version}
    agreed = {**notice, "recipient": study.recipient, "given": True}
    town.post("citizen", "/me/consents", agreed)
    study.agree(*study.people[:3])
    assert study.refused(made) == (409, "disclosure-too-few")
    study.agree(*study.people[3:])
    return made


def test_a_second_study_of_the_same_body_begins_with_nobodys_yes(study: Study) -> None:
    """And a yes names who studies now, or a partner there is; a no can always be said."""
    town, version = study.town, purpose_named("research").version
    said = {"purpose": "research", "notice_version": version, "recipient": study.recipient}

    def decide(**other: Any) -> tuple[int, str]:
        answer = town.call("citizen", "POST", "/me/consents", said | other)
        return answer.status_code, answer.get_json().get("code", "")

    assert decide(given=True) == (422, "consent-unknown-recipient")
    trips = {"purpose": "partner_trips", "notice_version": purpose_named("partner_trips").version}
    assert decide(**trips, recipient="bikes", given=True) == (422, "consent-unknown-recipient")
    assert decide(**trips, given=True) == (201, "")
    first = _admitted(study)
    assert len(study.answer(first)) == 6
    town.post("partner", f"/disclosures/{first}/end", status=204)
    assert decide(given=True) == (422, "consent-unknown-recipient")
    second = town.post(
        "partner", "/disclosures", study.wanted(study="Another study of the same bin")
    )["id"]
    town.post("officer", f"/disclosures/{second}/decision", {"admitted": True}, status=200)
    assert study.refused(second) == (409, "disclosure-too-few")
    shown = study.page("/me/data?lang=en", "citizen")
    assert "I do not agree" in shown.split("Another")[1].split("</form>")[0], "not asked anew"
    study.agree(*study.people)
    assert len(study.answer(second)) == 5
    assert decide(given=True) == (201, "")
    assert len(study.answer(second)) == 6
    town.post("partner", f"/disclosures/{second}/end", status=204)
    assert decide(given=False) == (201, "")


def _given_and_seen(study: Study, everybody: list[dict[str, Any]]) -> str:
    """The citizen's number there; their deed is in it, and the look in their log."""
    [own] = [one for one in everybody if one["fields"][0]["given"]]
    actions, email = own["fields"]
    [deed] = actions["given"]
    assert (deed["action_type"], deed["quantity"], deed["unit"]) == ("glass-recycling", 2000, "g")
    assert email == {"field": "email", "given": None, "withheld": "not-in-register"}
    look = study.town.get("citizen", "/me/accesses")["items"][0]
    assert (look["actor_role"], look["purpose"]) == ("researcher", "research")
    assert look["fields_read"] == ACTIONS
    assert "ody that studies deeds" in study.page("/me/data?lang=en", "citizen")
    person: str = own["person"]
    return person


def _only_while_it_lasts(study: Study, made: str) -> None:
    """For who asked, with consents to the notice in force, until it is ended."""
    town = study.town
    assert study.refused(made, "partner-2")[0] == study.refused(made, "officer")[0] == 404
    extra = town.people["clerk"]
    study.agree(extra)
    outdated = "update consent set notice_hash = '\\x00' where subject_id = :one"
    with town.services.database.transaction() as session:
        session.execute(text(outdated), {"one": extra})
    reasons = [one["fields"][0]["withheld"] for one in study.answer(made)]
    assert sorted(reasons, key=str) == [None] * 5 + ["no-consent"]
    assert len(study.answer(made, query="?limit=2")) == 2
    lines = town.call("partner", "GET", f"/disclosures/{made}/people.jsonl").text.splitlines()
    told = {one["person"]: one for one in map(json.loads, lines)}
    assert told == {one["person"]: one for one in study.answer(made)}
    stranger = town.call("partner-2", "POST", f"/disclosures/{made}/end")
    assert stranger.status_code == 404
    town.post("partner", f"/disclosures/{made}/end", status=204)
    assert study.refused(made) == (409, "disclosure-closed")


def test_a_request_names_what_exists_and_another_officer_decides(study: Study) -> None:
    town = study.town
    for wrong, status, code in (
        ({"recipient": OPERATOR}, 403, "disclosure-recipient"),
        ({"purpose": "sign_in"}, 422, "disclosure-purpose"),
        ({"fields": ["shoe-size"]}, 422, "disclosure-field"),
        ({"fields": []}, 422, "disclosure-field"),
    ):
        answer = town.call("partner", "POST", "/disclosures", study.wanted(**wrong))
        assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    mine = study.wanted(recipient=OPERATOR)
    made = town.post("officer", "/disclosures", mine)["id"]
    assert town.post("officer-2", "/disclosures", mine, status=409)["code"] == "disclosure-open"
    own = town.post("officer", f"/disclosures/{made}/decision", {"admitted": True}, status=403)
    assert own["code"] == "disclosure-own"
    decision = f"/disclosures/{made}/decision"
    assert town.post("officer-2", decision, {"admitted": False}, status=200)["until"] is None
    again = town.post("officer-2", decision, {"admitted": True}, status=409)
    assert again["code"] == "disclosure-decided"
    assert study.refused(made, "officer") == (409, "disclosure-closed")
    for who in ("officer", "partner"):
        assert "<h1>" in study.page("/disclosures", who)
    assert [one["id"] for one in town.get("partner", "/disclosures")["items"]] == []


def test_all_that_a_purpose_hands_out_can_be_read() -> None:
    for purpose in PURPOSES:
        assert set(purpose_named(purpose).data) == set(READERS)

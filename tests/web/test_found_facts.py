"""A deed of which the rules ask what it doesn't say: found out by one officer, confirmed by
another, valued by the rules of its day; by page and API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.actions.models import Action
from app.db import uuid7
from app.governance.models import Proposal
from app.identity import service as identity
from app.identity.ages import AgeBand
from app.identity.models import IdentityLevel
from app.impact.catalogue import catalogue
from app.mail_models import OutgoingMail
from app.rewards.models import Evaluation, Programme
from app.rewards.programmes import Two, publish_rules
from app.rewards.valuing.found_facts import KIND, forget
from app.rewards.valuing.replay import Replay
from app.services import Services
from tests.support.city import City
from tests.support.general_rules import GENERAL
from tests.support.office import Office, office_of

TARIFF = GENERAL["tariffs"][0] | {
    "when": {"action_type": {"in": ["carpool-trip", "glass-recycling"]}}
}
ASKING: dict[str, Any] = {
    **GENERAL,
    "tariffs": [TARIFF],
    "conditions": [
        {
            "id": "shared",
            "order": 1,
            "require": {"contribution_cents": {"at_least": 100}},
            "unknown": "ask",
        },
        {
            "id": "from-town",
            "order": 2,
            "require": {"in_zone": {"zone": "town", "end": "start"}},
            "unknown": "ask",
        },
    ],
    "zones": {"town": {"codes": {"insee": ["34172"]}}},
}
CARPOOL: dict[str, Any] = {
    "action_type_id": catalogue().action_type("carpool-trip").number,
    "quantity": 9000,
}
FACTS: dict[str, Any] = {"contribution_cents": 250, "start": {"insee": "34172"}}


@pytest.fixture
def office(services: Services) -> Iterator[Office]:
    with office_of(services) as made:
        yield made


@pytest.fixture
def deed(services: Services) -> UUID:
    """Of somebody with an address; it waits, since the rules ask."""
    with services.database.transaction() as session:
        city = City(session, services.clock.now(session))
        clerk = city.clerk(city.organisation())
        person = identity.register_person(
            session, f"{uuid7().hex}@city.example", level=IdentityLevel.CONTACT, now=city.now
        )
        person.age_band = AgeBand.ADULT
        programme = city.programme(rules=ASKING)
        return city.attest(clerk, person.id, programme, **CARPOOL).id


def shown(office: Office, deed: UUID) -> dict[str, Any]:
    """As the queue shows it to an officer."""
    items = office.get("one", "/waiting-actions?limit=100")["items"]
    found: dict[str, Any] = next(one for one in items if one["id"] == str(deed))
    return found


def letters(services: Services) -> int:
    with services.database.session() as session:
        return session.scalar(select(func.count()).select_from(OutgoingMail)) or 0


def named(office: Office, deed: UUID, who: str = "one", **more: Any) -> Any:
    body = {"facts": FACTS, "source": "partner"} | more
    return office.post(who, f"/actions/{deed}/facts", body)


def test_two_officers_complete_it_and_its_doer_is_told(
    services: Services, office: Office, deed: UUID
) -> None:
    assert shown(office, deed)["asks"] == ["contribution_cents"]
    released = office.post("one", f"/actions/{deed}/release").get_json()
    assert released["code"] == "still-to-find-out"
    proposed = named(office, deed)
    assert proposed.status_code == 201
    path = f"/proposals/{proposed.get_json()['id']}/confirmation"
    assert office.post("one", path).get_json()["code"] == "another-must-confirm"
    assert shown(office, deed)["state"] == "recorded"
    before = letters(services)
    assert office.post("other", path).status_code == 200
    assert letters(services) == before + 1
    with services.database.session() as session:
        action = session.get_one(Action, deed)
        assert (action.state.value, action.reward_cents) == ("authenticated", 12)
        kept = session.scalars(select(Evaluation).where(col(Evaluation.action_id) == deed)).one()
        assert kept.facts["contribution_cents"] == 250
        programme = session.get_one(Programme, action.programme_id)
        assert list(Replay(session, programme).differences()) == []


def test_what_is_missing_known_or_unnamed_is_refused_by_its_field(
    office: Office, deed: UUID
) -> None:
    half = named(office, deed, facts={"contribution_cents": 250}).get_json()
    assert (half["code"], "34172" in half["detail"] or "town" in half["detail"]) == (
        "still-asked", True,
    )  # fmt: skip
    none = named(office, deed, facts={}).get_json()
    assert none["code"] == "facts-missing"
    wrong = named(office, deed, facts=FACTS | {"seats": 0}).get_json()
    assert wrong["errors"][0]["field"] == "facts.seats"
    assert named(office, deed, source="hearsay").status_code == 422
    assert named(office, deed, who="auditor").status_code == 403
    assert named(office, deed).status_code == 201
    assert named(office, deed).get_json()["code"] == "proposal-waits"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"seats": 9}, "facts.seats"),
        ({"contribution_cents": 100_001}, "facts.contribution_cents"),
        ({"first_time": True}, "facts.first_time"),
        ({"proof_class": "a b"}, "facts.proof_class"),
        ({"start": {"insee": "a b"}}, "facts.start"),
        ({"start": {"Iris.2": "34172"}}, "facts.start.Iris.2"),  # well formed, and not asked
    ],
)
def test_a_fact_keeps_the_bounds_of_what_deeds_tell(
    office: Office, deed: UUID, facts: dict[str, Any], field: str
) -> None:
    answer = named(office, deed, facts=FACTS | facts)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, field)


def test_a_fact_that_the_deed_says_is_not_changed(office: Office, deed: UUID) -> None:
    answer = named(office, deed, facts=FACTS | {"distance_m": 9000}).get_json()
    assert (answer["code"], answer["errors"][0]["field"]) == ("fact-known", "facts.distance_m")


def test_what_was_found_may_also_refuse_it_a_reward(
    services: Services, office: Office, deed: UUID
) -> None:
    proposed = named(office, deed, facts=FACTS | {"contribution_cents": 50}).get_json()
    assert office.post("other", f"/proposals/{proposed['id']}/confirmation").status_code == 200
    with services.database.session() as session:
        action = session.get_one(Action, deed)
        assert (action.state.value, action.reward_cents) == ("authenticated", 0)
        assert action.explanation[0]["code"] == "under_minimum"


def test_it_is_valued_by_the_rules_of_its_day(
    services: Services, office: Office, deed: UUID
) -> None:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        programme = session.get_one(Programme, session.get_one(Action, deed).programme_id)
        other = {**ASKING, "tariffs": [TARIFF | {"steps": [{"fixed_cents": 99}]}]}
        begin, two = now + timedelta(seconds=1), Two()
        publish_rules(
            session, programme, other, valid_from=begin, catalogue=catalogue(), by=two, now=now
        )
    proposed = named(office, deed).get_json()
    office.post("other", f"/proposals/{proposed['id']}/confirmation")
    with services.database.session() as session:
        assert session.get_one(Action, deed).reward_cents == 12


def test_the_office_s_pages(office: Office, deed: UUID) -> None:
    queue, form = "/office/waiting", f"/office/waiting/{deed}/facts"
    assert form in office.look("one", queue)
    page = office.look("one", form)
    assert "Paid by the other participant, in euros" in page.split("Other facts")[0]
    assert "Where it began" in page
    assert "Class of proof" not in page  # no rule looks at it
    half = office.send("one", form, form, {"contribution_cents": "2,50", "source": "papers"})
    assert (half.status_code, "The rules ask for more" in half.text) == (422, True)
    bad = {"contribution_cents": "2,50", "start": "34172", "source": "papers"}
    assert "A place is not understood" in office.send("one", form, form, bad).text
    sent = office.send("one", form, form, bad | {"start": "insee: 34172"})
    assert sent.status_code == 303
    assert "waits for a second officer" in office.look("one", queue)
    decisions = office.look("other", "/office/decisions")
    for words in ("Complete a deed", "€2.50", "insee 34172", "seen on papers"):
        assert words in decisions


def test_of_a_closed_account_what_was_found_is_gone(
    services: Services, office: Office, deed: UUID
) -> None:
    named(office, deed)
    with services.database.transaction() as session:
        forget(session, session.get_one(Action, deed).person_id)
    with services.database.session() as session:
        query = select(col(Proposal.payload)).where(
            col(Proposal.kind) == KIND, col(Proposal.subject) == str(deed)
        )
        assert session.scalars(query).one() == {"source": "partner"}
    assert "Complete a deed" in office.look("other", "/office/decisions")

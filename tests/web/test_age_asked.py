"""The age band is asked again in its month: on the page, over the API and at the counter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from app.actions.imports.links import make_code
from app.application import build
from app.chain.signer import SignerClient
from app.errors import Problem
from app.identity.ages import AgeBand
from app.identity.models import Person
from app.privacy.consent_held import has_consent
from app.privacy.consents import give_consent
from app.privacy.notices import OPERATOR, purpose_named
from app.services import Services
from tests.support.at_counter import AtCounter
from tests.support.card_till import Till, card_till
from tests.web.test_forms_again import send

NOTICE = purpose_named("trace_analysis").version


@pytest.fixture(scope="module")
def till(services: Services, signer: SignerClient) -> Iterator[Till]:
    with card_till(services, signer) as made:
        yield made


@pytest.fixture
def child(till: Till) -> UUID:
    """A citizen who was under fifteen until the first of this month."""
    return note(till, till.city.world.mine.person_id, AgeBand.UNDER_15, today(till).replace(day=1))


def today(till: Till) -> date:
    return till.city.world.now().date()


def note(till: Till, person: UUID, band: AgeBand, until: date | None) -> UUID:
    with till.services.database.transaction() as session:
        found = session.get_one(Person, person)
        found.age_band, found.age_until = band, until
        give_consent(session, person, "research", OPERATOR, till.city.world.now())
    return person


def agrees(till: Till, person: UUID) -> bool:
    with till.services.database.session() as session:
        return has_consent(session, person, "research", OPERATOR)


def row(till: Till, person: UUID) -> Person:
    with till.services.database.session() as session:
        return session.get_one(Person, person)


def test_a_program_is_told_to_ask_and_says_the_band(till: Till, child: UUID) -> None:
    city = till.city
    assert city.get("citizen", "/me")["ask_age"] is True
    assert city.get("citizen", "/me/balance")["available_cents"] == 1000, "nothing else waits"
    assert agrees(till, child)
    refused = city.call("citizen", "POST", "/me/age", {"band": "adult"})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "age-needs-papers")
    assert refused.get_json()["errors"][0]["field"] == "band"
    told = city.post("citizen", "/me/age", {"band": "from_15_to_17"})
    assert (told["age_band"], told["ask_age"]) == ("from_15_to_17", False)
    assert not agrees(till, child), "what a parent agreed to has ended"
    first = today(till).replace(day=1)
    assert row(till, child).age_until == first.replace(year=first.year + 3)
    again = city.call("citizen", "POST", "/me/age", {"band": "from_15_to_17"})
    assert (again.status_code, again.get_json()["code"]) == (409, "age-not-due")


def test_who_decides_alone_keeps_their_permissions(till: Till) -> None:
    person = till.city.world.mine.person_id
    note(till, person, AgeBand.FROM_15_TO_17, today(till))
    till.city.post("citizen", "/me/age", {"band": "adult"})
    assert agrees(till, person)
    assert row(till, person).age_until is None


def test_before_its_month_nobody_asks(till: Till) -> None:
    later = today(till).replace(year=today(till).year + 1, day=1)
    note(till, till.city.world.mine.person_id, AgeBand.UNDER_15, later)
    assert till.city.get("citizen", "/me")["ask_age"] is False


def test_the_page_asks_at_the_next_visit(till: Till, child: UUID) -> None:
    browser = build(parts=replace(till.services, signer=till.city.world.signer)).test_client()
    browser.set_cookie("civis", till.city.tokens["citizen"])
    assert "Is your age band still right?" in browser.get("/me?lang=en").text
    assert "birth date is not asked" in browser.get("/me/age").text
    assert send(browser, "/me/age", band="adult")[0] == 422
    assert send(browser, "/me/age", band="from_15_to_17")[0] == 303
    assert "Is your age band still right?" not in browser.get("/me").text
    assert "Nothing to say" in browser.get("/me/age").text
    assert row(till, child).age_band is AgeBand.FROM_15_TO_17


def test_staff_see_it_at_the_counter_and_enter_what_is_said(till: Till) -> None:
    browser = build(parts=replace(till.services, signer=till.city.world.signer)).test_client()
    token = till.city.tokens["officer"]
    browser.set_cookie("civis", token)
    person = till.card.person_id
    here = AtCounter(till.services, browser, token, f"/counter/visits/{till.visit}", person)
    note(till, person, AgeBand.UNDER_15, today(till))
    assert "ask again" in here.read()
    here.press("age", 422, band="under_15")
    here.press("age", band="from_15_to_17")
    assert "ask again" not in here.read()
    assert here.row().age_band is AgeBand.FROM_15_TO_17


def test_a_child_agrees_to_nothing_without_a_parent(till: Till) -> None:
    city, person = till.city, till.city.world.mine.person_id
    note(till, person, AgeBand.UNDER_15, None)
    said = {"purpose": "trace_analysis", "recipient": OPERATOR, "notice_version": NOTICE}
    refused = city.call("citizen", "POST", "/me/consents", said | {"given": True})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "parent-needed")
    city.post("citizen", "/me/consents", said | {"given": False}, status=201)
    at, session_of = city.world.now(), till.services.database.transaction
    with session_of() as session, pytest.raises(Problem, match="parent-needed"):
        make_code(session, person_id=person, organisation_id=till.shop, now=at)


def test_at_the_counter_a_parent_agrees(till: Till) -> None:
    person = till.card.person_id
    note(till, person, AgeBand.UNDER_15, None)
    browser = build(parts=replace(till.services, signer=till.city.world.signer)).test_client()
    token = till.city.tokens["officer"]
    browser.set_cookie("civis", token)
    here = AtCounter(till.services, browser, token, f"/counter/visits/{till.visit}", person)
    said = {"purpose": "trace_analysis", "given": "yes", "notice_version": NOTICE}
    assert "A parent must agree" in here.press("consents", 403, **said)
    here.press("consents", **said, parent_agrees="yes")
    with till.services.database.session() as session:
        assert has_consent(session, person, "trace_analysis", OPERATOR)

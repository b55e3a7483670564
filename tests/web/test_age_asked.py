"""The age band is asked again in its month: on the page, over the API and at the counter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from app.actions.imports.links import link_rider, links_of, make_code, rider_hash, riders
from app.application import build
from app.chain.signer import SignerClient
from app.clock import city_day
from app.errors import Problem
from app.identity.ages import AgeBand
from app.identity.models import OrganisationKind, Person
from app.privacy.consent_held import has_consent
from app.privacy.consents import give_consent
from app.privacy.notices import OPERATOR, purpose_named
from app.services import Services
from tests.support.at_counter import AtCounter
from tests.support.card_till import Till, card_till
from tests.support.city import City
from tests.web.test_forms_again import send

NOTICE = purpose_named("research").version


@pytest.fixture(scope="module")
def till(services: Services, signer: SignerClient) -> Iterator[Till]:
    with card_till(services, signer) as made:
        yield made


@pytest.fixture
def child(till: Till) -> UUID:
    """A citizen who was under fifteen until the first of this month."""
    return note(till, till.city.world.mine.person_id, AgeBand.UNDER_15, today(till).replace(day=1))


def today(till: Till) -> date:
    with till.services.database.session() as session:
        return city_day(session, till.services.clock.now(session))


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


def unknown(till: Till, person: UUID) -> None:
    note(till, person, AgeBand.ADULT, None)
    with till.services.database.transaction() as session:
        found = session.get_one(Person, person)
        found.age_band, found.age_declined = None, False


def counter_of(till: Till) -> AtCounter:
    browser = build(parts=replace(till.services, signer=till.city.world.signer)).test_client()
    token = till.city.tokens["officer"]
    browser.set_cookie("civis", token)
    visit, person = f"/counter/visits/{till.visit}", till.card.person_id
    return AtCounter(till.services, browser, token, visit, person)


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
    known = browser.get("/me/age?lang=en").text
    assert "Nothing to say: it is known. <strong>15 to 17</strong>" in known
    assert "show your papers at the counter" in known
    assert row(till, child).age_band is AgeBand.FROM_15_TO_17


def test_staff_see_it_at_the_counter_and_enter_what_is_said(till: Till) -> None:
    here, person = counter_of(till), till.card.person_id
    note(till, person, AgeBand.UNDER_15, today(till))
    assert "ask again" in here.read()
    here.press("age", 422, band="under_15")
    here.press("age", band="from_15_to_17")
    assert "ask again" not in here.read()
    assert here.row().age_band is AgeBand.FROM_15_TO_17
    assert "it is corrected with their papers" in here.read()
    unknown(till, person)
    said = {"purpose": "research", "given": "yes", "notice_version": NOTICE}
    refused = here.press("consents", 403, **said)
    assert "Enter their age band first" in refused
    assert 'id="age" open>' in refused
    [month] = re.findall(r'<label for="f-month">.*?</label>', refused)
    assert "optional" not in month


def test_a_child_agrees_to_nothing_without_a_parent(till: Till) -> None:
    city, person = till.city, till.city.world.mine.person_id
    note(till, person, AgeBand.UNDER_15, None)
    said = {"purpose": "research", "recipient": OPERATOR, "notice_version": NOTICE}
    refused = city.call("citizen", "POST", "/me/consents", said | {"given": True})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "parent-needed")
    city.post("citizen", "/me/consents", said | {"given": False}, status=201)
    at, session_of = city.world.now(), till.services.database.transaction
    with session_of() as session, pytest.raises(Problem, match="parent-needed"):
        make_code(session, person_id=person, organisation_id=till.shop, now=at)


def test_at_the_counter_a_parent_agrees(till: Till) -> None:
    here, person = counter_of(till), till.card.person_id
    note(till, person, AgeBand.UNDER_15, None)
    said = {"purpose": "research", "given": "yes", "notice_version": NOTICE}
    assert "A parent must agree" in here.press("consents", 403, **said)
    here.press("consents", **said, parent_agrees="yes")
    with till.services.database.session() as session:
        assert has_consent(session, person, "research", OPERATOR)


def test_what_a_parent_agreed_to_is_noted_without_a_name(till: Till) -> None:
    here, person = counter_of(till), till.card.person_id
    note(till, person, AgeBand.UNDER_15, None)
    said = {"purpose": "research", "recipient": OPERATOR, "notice_version": NOTICE}
    here.press("consents", **said, given="end")
    here.press("consents", **said, given="yes", parent_agrees="yes")
    assert here.consent_steps("research")[-1] == (
        "given",
        f"counter:{here.officer}:parent",
    )
    note(till, person, AgeBand.ADULT, None)
    here.press("consents", **said, given="end")
    here.press("consents", **said, given="yes", parent_agrees="yes")
    assert here.consent_steps("research")[-1][1] == f"counter:{here.officer}"


def test_a_link_that_a_parent_agreed_to_is_made_anew(till: Till) -> None:
    """A later yes of the young person's own revives neither the link nor an unused code."""
    person, at = till.city.world.mine.person_id, till.city.world.now()
    note(till, person, AgeBand.UNDER_15, today(till).replace(day=1))
    with till.services.database.transaction() as session:
        partner = City(session, at).organisation(OrganisationKind.PARTNER).id
        of = {"organisation_id": partner, "now": at}
        yes = {"person_id": person, "parent_agrees": True, **of}
        code, unused = (make_code(session, **yes)[0] for _ in range(2))  # type: ignore[arg-type]
        link_rider(session, rider_ref="rider", code=code, **of)  # type: ignore[arg-type]
        known = [rider_hash(session, partner, "rider")]
        assert list(riders(session, partner, known).values()) == [person]
    till.city.post("citizen", "/me/age", {"band": "from_15_to_17"})
    with till.services.database.transaction() as session:
        anew, _ends = make_code(session, person_id=person, **of)  # type: ignore[arg-type]
        assert links_of(session, person) == []
        assert riders(session, partner, known) == {}
        with pytest.raises(Problem, match="link-code-wrong"):
            link_rider(session, rider_ref="rider", code=unused, **of)  # type: ignore[arg-type]
        link_rider(session, rider_ref="rider-2", code=anew, **of)  # type: ignore[arg-type]


def test_whoever_has_no_band_says_it_once_with_its_month(till: Till) -> None:
    city, person = till.city, till.city.world.mine.person_id
    unknown(till, person)
    said = {"purpose": "research", "recipient": OPERATOR, "notice_version": NOTICE}
    refused = city.call("citizen", "POST", "/me/consents", said | {"given": True})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "age-needed")
    assert city.get("citizen", "/me/balance")["available_cents"] == 1000, "nothing else waits"
    assert city.get("citizen", "/me")["ask_age"] is True
    for month in (None, "2001-01", "2099-01", "2029-13", "soon"):
        wrong = city.call("citizen", "POST", "/me/age", {"band": "under_15", "month": month})
        assert (wrong.status_code, wrong.get_json()["code"]) == (422, "age-month-wrong")
    later = today(till).replace(year=today(till).year + 2, month=12, day=1)
    told = city.post("citizen", "/me/age", {"band": "under_15", "month": f"{later:%Y-%m}"})
    assert (told["age_band"], told["ask_age"]) == ("under_15", False)
    assert row(till, person).age_until == date(later.year + 1, 1, 1)
    assert not agrees(till, person), "a child's own yes from before does not hold"
    refused = city.call("citizen", "POST", "/me/consents", said | {"given": True})
    assert refused.get_json()["code"] == "parent-needed"


def test_who_would_rather_not_say_is_asked_once(till: Till) -> None:
    city, person = till.city, till.city.world.mine.person_id
    unknown(till, person)
    browser = build(parts=replace(till.services, signer=city.world.signer)).test_client()
    browser.set_cookie("civis", city.tokens["citizen"])
    assert "How old are you, roughly?" in browser.get("/me?lang=en").text
    status, nothing, _ = send(browser, "/me/age", band="")
    assert (status, "No age band was chosen" in nothing) == (422, True)
    assert agrees(till, person), "being asked ends nothing"
    assert send(browser, "/me/age", band="none")[0] == 303
    assert "How old are you, roughly?" not in browser.get("/me?lang=en").text
    assert not agrees(till, person), "what needs consent stays off, as the page says"
    assert send(browser, "/me/age", band="adult")[0] == 303, "who thinks again"
    assert row(till, person).age_band is AgeBand.ADULT


def test_at_the_counter_it_is_entered_as_they_say_it(till: Till) -> None:
    here = counter_of(till)
    unknown(till, till.card.person_id)
    assert "Enter their age band" in here.read()
    here.press("age", 422, band="from_15_to_17")
    month = today(till).replace(year=today(till).year + 1)
    here.press("age", band="from_15_to_17", month=f"{month:%Y-%m}")
    assert here.row().age_band is AgeBand.FROM_15_TO_17
    assert "Enter their age band" not in here.read()

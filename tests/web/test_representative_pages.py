"""The page of mandates, the counter, and the office, as people press them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlmodel import col

from app.application import build
from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.mandates import service as mandates
from app.identity.mandates.models import Act, Mandate
from app.identity.models import IdentityLevel
from app.identity.people import set_email
from app.mail_models import OutgoingMail
from app.rights.models import RequestKind, RightsRequest
from app.services import Services
from tests.support.at_counter import AtCounter
from tests.support.card_till import Till, card_till
from tests.support.cards import PIN
from tests.support.guarded import guarded
from tests.support.mandated import Mandated, mandated, offered, proved
from tests.support.paying import City, paying_city

EMAIL = "named@mandates.example"


@pytest.fixture
def city(services: Services, signer: SignerClient) -> Iterator[City]:
    with paying_city(services, signer) as made:
        yield made


def browser_of(city: City, token: str) -> FlaskClient:
    """A client of its own application: nothing of another's request is around it."""
    parts = replace(city.world.services, signer=city.world.signer)
    browser = build(parts=parts).test_client()
    browser.set_cookie("civis", token)
    return browser


def press(browser: FlaskClient, path: str, **fields: object) -> tuple[int, str]:
    page = browser.get("/me/representatives?lang=en").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    once = {"csrf_token": token[1], "idempotency_key": str(uuid4())}
    answer = browser.post(path, data=once | fields)
    return answer.status_code, answer.text


def in_days(city: City, days: int = 30) -> str:
    return (city.world.now() + timedelta(days=days)).date().isoformat()


def test_the_page_begins_empty(city: City) -> None:
    page = browser_of(city, city.tokens["citizen"]).get("/me/representatives?lang=en").text
    assert "Nobody may act for you." in page
    assert "You may act for nobody." in page


def test_named_accepted_acting_and_ended_by_pages_alone(city: City) -> None:
    made = offered(city.world)
    giver, named = browser_of(city, made.giver), browser_of(city, made.token)
    form = {"email": "x", "acts": ["see", "pay"], "amount": "5", "last_day": in_days(city)}
    assert press(giver, "/me/representatives", **form)[0] == 422
    status, page = press(giver, "/me/representatives", **form | {"amount": "x"})
    assert (status, 'value="pay" checked' in page) == (422, True), "what was ticked is kept"
    assert press(giver, "/me/representatives", **form | {"email": EMAIL})[0] == 303
    path = f"/me/mandates/{made.mandate.id}"
    assert press(named, path, decision="accept")[0] == 303
    assert press(named, "/me/acting", mandate_id=str(made.mandate.id))[0] == 303
    assert "You are acting for somebody else" in named.get("/me").text
    assert "10.00" in named.get("/me").text
    assert 'href="/pay"' in named.get("/me/representatives").text
    assert named.get("/me/data").status_code == 403
    assert press(giver, path, decision="end")[0] == 303
    assert named.get("/me").status_code == 403
    assert press(named, "/me/acting/end")[0] == 303
    assert named.get("/me").status_code == 200
    assert "ended" in giver.get("/me/representatives").text


def test_a_payment_by_pages(city: City) -> None:
    made = mandated(city.world, frozenset({Act.PAY}))
    browser, asked = browser_of(city, made.token), city.ask(320)["id"]
    press(browser, "/me/acting", mandate_id=str(made.mandate.id))
    assert press(browser, f"/pay/{asked}/acceptance")[0] == 303
    assert "paid" in browser.get(f"/pay/{asked}").text


def test_both_read_of_each_step_by_letter(city: City) -> None:
    services = city.world.services
    with services.database.transaction() as session:
        set_email(session, city.world.mine.person_id, f"{uuid4().hex}@mandates.example")
    before = letters(services)
    made = mandated(city.world, frozenset({Act.SEE}))
    assert letters(services) - before == 3, "asked, named, accepted"
    made.end()
    assert letters(services) - before == 5


def letters(services: Services) -> int:
    with services.database.session() as session:
        return len(session.scalars(select(OutgoingMail)).all())


@pytest.fixture
def till(services: Services, signer: SignerClient) -> Iterator[Till]:
    with card_till(services, signer) as made:
        yield made


@pytest.fixture
def here(till: Till, signer: SignerClient) -> AtCounter:
    browser = build(parts=replace(till.services, signer=signer)).test_client()
    token = till.city.tokens["officer"]
    browser.set_cookie("civis", token)
    visit, person = f"/counter/visits/{till.visit}", till.card.person_id
    return AtCounter(till.services, browser, token, visit, person)


def test_a_card_s_holder_names_and_ends_at_the_counter(till: Till, here: AtCounter) -> None:
    """The officer alone can't: what lets pay needs the PIN."""
    form = {"email": EMAIL, "acts": ["see", "pay"], "amount": "5", "last_day": in_days(till.city)}
    here.press("representatives", 403, **form, pin="1111")  # type: ignore[arg-type]
    assert mandates_of(here) == []
    here.press("representatives", **form, pin=PIN)  # type: ignore[arg-type]
    [named] = mandates_of(here)
    assert named.offered_by == here.officer
    acting = _signed_in(till, named)
    order = till.city.world.order(payer=till.account.address)
    assert acting.sign(order), "the signer has the holder's word"
    page = here.read()
    assert EMAIL in page
    here.press("representatives/end", mandate_id=str(named.id))
    with pytest.raises(Exception, match="signer-mandate"):
        acting.sign(till.city.world.order(payer=till.account.address))
    here.press("representatives/end", 404, mandate_id=str(uuid4()))


def _signed_in(till: Till, named: Mandate) -> Mandated:
    """Whoever was named signs in and accepts."""
    world = till.city.world
    with till.services.database.transaction() as session:
        by, now = named.representative_id, world.now()
        mandates.accept(session, named.id, by=by, now=now)
        token = identity.open_session(session, by, "api", now)
    return Mandated(world, named, by, token, token)


def mandates_of(here: AtCounter) -> list[Mandate]:
    with here.services.database.session() as session:
        query = select(Mandate).where(col(Mandate.person_id) == here.person)
        return list(session.scalars(query))


def test_by_an_address_alone_nobody_is_named(till: Till, here: AtCounter) -> None:
    """Others know it too."""
    known = f"{uuid4().hex}@mandates.example"
    with here.services.database.transaction() as session:
        set_email(session, here.person, known)
    told = till.city.post("officer", "/counter/visits/by-email", {"email": known}, status=201)
    here.visit = f"/counter/visits/{told['id']}"
    form = {"email": EMAIL, "acts": ["see"], "last_day": in_days(till.city)}
    here.press("representatives", 403, **form)  # type: ignore[arg-type]
    assert mandates_of(here) == []


def test_an_officer_names_nobody_for_themselves(till: Till, here: AtCounter) -> None:
    own = f"{uuid4().hex}@mandates.example"
    with here.services.database.transaction() as session:
        set_email(session, here.officer, own)
    form = {"email": own, "acts": ["see"], "last_day": in_days(till.city)}
    here.press("representatives", 422, **form)  # type: ignore[arg-type]
    assert mandates_of(here) == []


def _decision(browser: FlaskClient) -> str:
    """The path of the one that waits."""
    [path] = set(
        re.findall(r'action="(/office/decisions/[^"]+)"', browser.get("/office/decisions").text)
    )
    return str(path)


def test_a_guardianship_is_entered_by_two_officers(city: City) -> None:
    ward, guardian = (f"{who}-{uuid4().hex}@mandates.example" for who in ("w", "g"))
    with city.world.services.database.transaction() as session:
        set_email(session, city.world.mine.person_id, ward)
        level = IdentityLevel.CONTACT
        identity.register_person(session, guardian, level=level, now=city.world.now())
    first, second = (browser_of(city, city.tokens[one]) for one in ("officer", "officer-2"))
    form = {"ward": ward, "guardian": guardian, "acts": "see", "last_day": in_days(city)}
    assert press(first, "/office/guardianships", **form)[0] == 422, "without a reference"
    assert press(first, "/office/guardianships", **form, reference="RG 26/7")[0] == 303
    page = first.get("/office/decisions").text
    assert ward in page
    assert "RG 26/7" in page
    own, decision = browser_of(city, city.tokens["citizen"]), _decision(first)
    assert "Nobody may act for you." in own.get("/me/representatives?lang=en").text
    assert press(first, decision, yes="yes")[0] == 403
    assert press(second, decision, yes="yes")[0] == 303
    assert guardian in own.get("/me/representatives").text


def test_a_ward_objects_and_two_officers_end_it(city: City) -> None:
    made = guarded(city.world)
    made.confirm(made.officers[1])
    own = browser_of(city, city.tokens["citizen"])
    first, second = (browser_of(city, city.tokens[one]) for one in ("officer", "officer-2"))
    path = f"/me/mandates/{made.mandate.id}"
    assert press(own, path, decision="end")[0] == 409
    assert press(own, f"{path}/objection", text="I can do it myself")[0] == 303
    assert press(own, f"{path}/objection", text="I said so")[0] == 409, "one at a time"
    assert "I can do it myself" in second.get("/office/requests?lang=en").text
    query = select(RightsRequest).where(col(RightsRequest.person_id) == city.world.mine.person_id)
    with city.world.services.database.session() as session:
        assert [one.kind for one in session.scalars(query)] == [RequestKind.GUARDIANSHIP]
    assert press(second, f"/office/guardianships/{made.mandate.id}/end")[0] == 303
    assert press(second, _decision(first), yes="yes")[0] == 403
    assert press(first, _decision(first), yes="yes")[0] == 303
    assert str(made.mandate.id) not in first.get("/office/guardianships").text
    assert "ended" in own.get("/me/representatives").text


def test_a_ward_closes_nothing_alone(city: City) -> None:
    made = guarded(city.world)
    made.confirm(made.officers[1])
    city.tokens["citizen"] = proved(city.world, city.tokens["citizen"])
    refused = city.call("citizen", "POST", "/me/closing", {})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "guardianship-holds")

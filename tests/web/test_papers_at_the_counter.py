"""At the counter besides: papers seen, a refused deed objected to, a partner linked on paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.ages import AgeBand
from app.identity.models import IdentityLevel, OrganisationKind
from app.privacy.notices import purposes
from app.services import Services
from tests.support.at_counter import AtCounter
from tests.support.cards import printed
from tests.support.town import Town
from tests.web.test_card_counter import earned
from tests.web.test_forms_again import browser_of, send


@pytest.fixture
def here(town: Town, services: Services, signer: SignerClient) -> AtCounter:
    """The holder of a fresh card before an officer."""
    return with_card(town, services, signer)


def with_card(town: Town, services: Services, signer: SignerClient) -> AtCounter:
    [card] = printed(services, signer)
    browser, token = browser_of(town, "officer"), town.tokens["officer"]
    _, _, path = send(browser, "/counter", card_number=card.number)
    return AtCounter(services, browser, token, path, card.person_id)


def papers(**other: str) -> dict[str, str]:
    name = f"Paper {uuid4().hex}"
    return {"family_name": name, "given_names": "Ada Maria", "born": "1990-02-01"} | other


def test_papers_seen_make_one_account_and_are_not_kept(
    here: AtCounter, town: Town, signer: SignerClient
) -> None:
    seen = papers()
    here.press("papers", **seen)
    known = here.row()
    assert (known.identity_level, known.age_band) == (IdentityLevel.VERIFIED, AgeBand.ADULT)
    assert here.looks()["counter_papers"] == 1
    assert "18 or more" in here.read()
    with here.services.database.session() as session:
        row = session.execute(text("select * from identity_index")).mappings().all()
    assert seen["family_name"].upper() not in str(row).upper()
    second = with_card(town, here.services, signer)
    page = second.press("papers", 409, **seen | {"family_name": seen["family_name"].upper()})
    assert "has an account already" in page
    assert second.row().identity_level is IdentityLevel.CARD


def test_a_child_needs_a_parent_and_nobody_is_born_tomorrow(here: AtCounter) -> None:
    with here.services.database.session() as session:
        today = here.services.clock.now(session).date()
    child = papers(born=today.replace(year=today.year - 10, day=1).isoformat())
    here.press("papers", 403, **child)
    assert here.row().age_band is None
    here.press("papers", **child, parent_agrees="yes")
    assert here.row().age_band is AgeBand.UNDER_15
    for born in ((today + timedelta(days=1)).isoformat(), "1820-01-01", "nonsense", ""):
        here.press("papers", 422, **papers(born=born))


def test_a_refused_deed_is_objected_to(
    town: Town, services: Services, signer: SignerClient
) -> None:
    [card] = printed(services, signer)
    made: dict[str, Any] = earned(town, card.number)
    town.post(
        "officer-2", f"/actions/{made['id']}/refusal", {"reason": "not-plausible"}, status=200
    )
    browser = browser_of(town, "officer")
    _, _, path = send(browser, "/counter", card_number=card.number)
    here = AtCounter(services, browser, town.tokens["officer"], path, card.person_id)
    assert "They object to this refusal" in here.read()
    here.press("appeals", action_id=made["id"], text="I was there.")
    assert "They object to this refusal" not in here.read()
    here.press("appeals", 409, action_id=made["id"], text="I was there.")
    here.press("appeals", 404, action_id="nothing", text="I was there.")
    assert "the answer can be read here" in here.read()
    [appeal] = town.get("officer-2", "/appeals")["items"]
    answer = {"text": "You were: credited.", "upheld": True}
    town.post("officer-2", f"/appeals/{appeal['id']}/answer", answer, status=200)
    page = here.read()
    assert "I was there." in page
    assert "You were: credited." in page


def test_somebody_with_a_telephone_links_a_partner_there(town: Town, services: Services) -> None:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        kind = OrganisationKind.PARTNER
        partner = identity.create_organisation(
            session, slug=f"p-{uuid4().hex[:8]}", kind=kind, name="Pedals", now=now
        ).id
    code, browser = town.code_of("citizen"), browser_of(town, "officer")
    shown = {"short_number": code["short_number"], "time_code": code["time_code"]}
    _, _, path = send(browser, "/counter", **shown)
    here = AtCounter(services, browser, town.tokens["officer"], path, town.people["citizen"])
    shown = {"notice_version": purposes()["partner_trips"].version}
    page = here.press("partners", 200, organisation_id=str(partner), **shown)
    assert "code-display" in page
    assert here.consent_steps("partner_trips") == [("given", f"counter:{here.officer}")]
    here.press("consents", purpose="partner_trips", recipient=str(partner), given="end")
    assert here.consent_steps("partner_trips")[-1][0] == "withdrawn"
    here.press("language", language="en")
    assert here.row().language == "en"
    here.press("objection", 404, case_id=str(uuid4()))


def test_an_address_alone_hands_nothing_out_and_closes_nothing(
    here: AtCounter, town: Town, services: Services
) -> None:
    address = f"{uuid4().hex}@city.example"
    with services.database.transaction() as session:
        now, level = services.clock.now(session), IdentityLevel.CONTACT
        person = identity.register_person(session, address, level=level, now=now).id
    _, _, path = send(here.browser, "/counter", email=address)
    said = AtCounter(services, here.browser, town.tokens["officer"], path, person)
    said.prove()
    assert said.export().status_code == 403
    assert "An address alone is not enough" in said.press("closing", 403, sure="yes")
    assert said.row().closed_at is None
    assert said.looks()["counter_export"] == 0
    assert address in said.read()

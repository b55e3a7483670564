"""Every right of a citizen with a card and a counter officer alone: no address, no sign-in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.application import build
from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.ages import AgeBand
from app.identity.card_models import CardState
from app.identity.models import IdentityLevel, OrganisationKind
from app.privacy.consents import consents_of, events_of, has_consent
from app.privacy.halts import open_halts
from app.privacy.notices import OPERATOR, purposes
from app.rights.models import RightsRequest, RightsStep
from app.services import Services
from tests.support.at_counter import AtCounter
from tests.support.card_till import Till, card_till
from tests.support.cards import held, printed
from tests.support.town import Town
from tests.web.test_card_counter import PINS, earned
from tests.web.test_forms_again import browser_of, send

RIGHTS, EXPORT = "counter_rights", "counter_export"


@pytest.fixture
def till(services: Services, signer: SignerClient) -> Iterator[Till]:
    with card_till(services, signer) as made:
        yield made


@pytest.fixture
def here(till: Till, signer: SignerClient) -> AtCounter:
    """The holder of the till's card before an officer."""
    application = build(parts=replace(till.services, signer=signer))
    browser, token = application.test_client(), till.city.tokens["officer"]
    browser.set_cookie("civis", token)
    visit, person = f"/counter/visits/{till.visit}", till.card.person_id
    return AtCounter(till.services, browser, token, visit, person)


def consent_steps(here: AtCounter, purpose: str) -> list[tuple[str, str]]:
    with here.services.database.session() as session:
        return [
            (event.state.value, event.by)
            for consent in reversed(consents_of(session, here.person))
            if consent.purpose == purpose
            for event in events_of(session, consent.id)
        ]


def journal(here: AtCounter) -> list[tuple[str, str, UUID | None]]:
    """Kind, step and by whom, of all that was asked."""
    query = (
        select(col(RightsRequest.kind), col(RightsStep.what), col(RightsStep.by_person))
        .join(RightsRequest, col(RightsRequest.id) == col(RightsStep.request_id))
        .where(col(RightsRequest.person_id) == here.person, col(RightsStep.what) != "read")
        .order_by(col(RightsStep.id))
    )
    with here.services.database.session() as session:
        return [(kind.value, what, by) for kind, what, by in session.execute(query)]


def request_ids(here: AtCounter) -> list[UUID]:
    own = select(col(RightsRequest.id)).where(col(RightsRequest.person_id) == here.person)
    with here.services.database.session() as session:
        return list(session.scalars(own.order_by(col(RightsRequest.id))))


def halted(here: AtCounter) -> list[str | None]:
    with here.services.database.session() as session:
        return [one.purpose for one in open_halts(session, here.person)]


def _sees(here: AtCounter) -> None:
    """Each opening is one look, and the page itself shows it."""
    for _ in range(2):
        before = here.looks()
        page = here.read()
        assert here.looks() - before == {RIGHTS: 1}
        assert page.count("all that you can see yourself, opened before you") == before[RIGHTS] + 1
    assert "a card, without name or address" in page
    assert "6.80" in page.partition("Balance")[2][:200]
    assert "Who looked" in page


def _permits(here: AtCounter) -> None:
    notice = purposes()["research"]
    said = {"purpose": notice.id, "notice_version": notice.version}
    here.press("consents", **said, given="yes")
    with here.services.database.session() as session:
        assert has_consent(session, here.person, notice.id, OPERATOR)
        [consent] = consents_of(session, here.person)
    assert "entered by an officer" in consent.terms["collection_method"].lower() or (
        "saisi par un agent" in consent.terms["collection_method"]
    )
    here.press("consents", purpose=notice.id, recipient=OPERATOR, given="end")
    with here.services.database.session() as session:
        assert not has_consent(session, here.person, notice.id, OPERATOR)
    by = f"counter:{here.officer}"
    assert consent_steps(here, notice.id) == [("given", by), ("withdrawn", by)]
    here.press("consents", 409, **said | {"notice_version": "2001-1"}, given="yes")


def _asks(here: AtCounter, till: Till) -> None:
    """A correction, which another officer answers, and the person reads it on paper."""
    here.press("requests", 422, kind="rectification")
    here.press("requests", kind="rectification", text="It was paper, not glass.")
    answer = {"granted": True, "text": "Corrected, thank you."}
    till.city.post("officer-2", f"/rights-requests/{request_ids(here)[-1]}/answer", answer)
    page = here.read()
    assert "It was paper, not glass." in page
    assert "Corrected, thank you." in page


def _stops(here: AtCounter) -> None:
    """All uses, until they let them go on; one use, until they take the objection back."""
    here.press("requests", kind="restriction")
    assert halted(here) == [None]
    assert "Every use but your own stands still" in here.read()
    here.press("restriction/end")
    assert halted(here) == []
    here.press("requests", kind="objection", purpose="review", text="I don't want it.")
    assert halted(here) == ["review"]
    here.press("requests/withdrawal", request_id=str(request_ids(here)[-1]))
    assert halted(here) == []
    by = here.officer
    steps = [one for one in journal(here) if one[0] != "rectification"]
    assert steps == [
        ("restriction", "received", by),
        ("restriction", "granted", by),
        ("restriction", "ended", by),
        ("objection", "received", by),
        ("objection", "withdrawn", by),
    ]


def _takes_along(here: AtCounter) -> None:
    """With a fresh proof of the officer; the archive tells of this very look."""
    here.prove(fresh=False)
    assert here.export().status_code == 403
    assert here.looks()[EXPORT] == 0
    here.prove()
    before, answer = here.looks(), here.export()
    assert answer.mimetype == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    with ZipFile(BytesIO(answer.data)) as archive:
        parts = {name: json.loads(archive.read(f"{name}.json")) for name in ("person", "looks")}
        steps = json.loads(archive.read("permission_steps.json"))
    assert parts["person"][0]["id"] == str(here.person)
    assert EXPORT in [one["resource"] for one in parts["looks"]]
    assert {one["by"] for one in steps} == {"counter"}
    assert here.looks() - before == {EXPORT: 1}
    assert journal(here)[-1] == ("access", "granted", here.officer)


def _contests(here: AtCounter, payment: str) -> None:
    said = {"payment_id": payment, "reason": "not-mine"}
    assert send(here.browser, f"{here.visit}/contests", **said)[0] == 303
    assert "contested" in here.read().partition('id="payments"')[2].lower()


def _blocks(here: AtCounter, till: Till) -> None:
    here.press("block")
    assert "at the counter" in here.read().partition('id="wallet"')[2]
    status, answer = till.charge(str(till.city.ask(100)["id"]))
    assert (status, answer["code"]) == (409, "wallet-blocked")
    here.prove(fresh=False)
    here.press("closing", 403, sure="yes")
    here.prove()
    here.press("closing", 409, sure="yes")  # a thief must not erase the owner
    with here.services.database.transaction() as session:
        session.execute(text("update wallet_block set lifted_at = since"))


def _replaces(here: AtCounter, till: Till, signer: SignerClient) -> str:
    [new] = printed(till.services, signer)
    assert send(here.browser, f"{here.visit}/card", card_number=new.number, **PINS)[0] == 303
    assert held(till.services, till.card.number).state is CardState.REPLACED
    return new.number


def _leaves(here: AtCounter, number: str) -> None:
    here.press("closing", 422)  # without the box
    page = here.press("closing", 200, sure="yes")
    assert "The account is closed" in page
    assert here.row().closed_at is not None
    assert held(here.services, number).state is CardState.BLOCKED
    assert here.browser.get(f"{here.visit}/rights").status_code == 404
    assert journal(here)[-1] == ("erasure", "granted", here.officer)


def test_a_card_and_an_officer_are_enough_for_every_right(
    here: AtCounter, till: Till, signer: SignerClient
) -> None:
    payment = till.paid(320)
    _sees(here)
    _permits(here)
    _asks(here, till)
    _stops(here)
    _takes_along(here)
    _contests(here, payment)
    _blocks(here, till)
    number = _replaces(here, till, signer)
    _leaves(here, number)


def test_only_the_officer_of_the_visit_while_it_lasts(here: AtCounter, till: Till) -> None:
    before = here.looks()
    other = here.browser.application.test_client()
    other.set_cookie("civis", till.city.tokens["officer-2"])
    assert other.get(f"{here.visit}/rights").status_code == 404
    notice = purposes()["research"]
    said = {"purpose": notice.id, "notice_version": notice.version, "given": "yes"}
    assert send(other, f"{here.visit}/rights/consents", **said)[0] == 404
    with till.services.database.transaction() as session:
        session.execute(
            text("update counter_visit set expires_at = at + :age"), {"age": timedelta(0)}
        )
    here.read(404)
    here.press("consents", 404, **said)
    here.press("requests", 404, kind="restriction")
    here.prove()
    here.press("closing", 404, sure="yes")
    assert here.export().status_code == 404
    assert (here.looks(), consent_steps(here, notice.id), halted(here)) == (before, [], [])


def papers(**other: str) -> dict[str, str]:
    name = f"Paper {uuid4().hex}"
    return {"family_name": name, "given_names": "Ada Maria", "born": "1990-02-01"} | other


def test_papers_seen_make_one_account_and_are_not_kept(
    here: AtCounter, signer: SignerClient
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
    second = another_visit(here, signer)
    page = second.press("papers", 409, **seen | {"family_name": seen["family_name"].upper()})
    assert "has an account already" in page
    assert second.row().identity_level is IdentityLevel.CARD


def another_visit(here: AtCounter, signer: SignerClient) -> AtCounter:
    [card] = printed(here.services, signer)
    _, _, path = send(here.browser, "/counter", card_number=card.number)
    return AtCounter(here.services, here.browser, here.token, path, card.person_id)


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
    page = here.press("partners", 200, organisation_id=str(partner))
    assert "code-display" in page
    assert consent_steps(here, "partner_trips") == [("given", f"counter:{here.officer}")]
    here.press("consents", purpose="partner_trips", recipient=str(partner), given="end")
    assert consent_steps(here, "partner_trips")[-1][0] == "withdrawn"
    here.press("language", language="en")
    assert here.row().language == "en"
    here.press("objection", 404, case_id=str(uuid4()))

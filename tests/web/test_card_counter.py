"""The city's counter with cards: made, given out, replaced, blocked; each look is seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlmodel import col

from app.chain.signer import SignerClient
from app.identity import counter
from app.identity.cards.models import Card, CardState
from app.identity.cards.numbers import new_number
from app.identity.models import IdentityLevel, Person
from app.privacy.service import accesses_of
from app.services import Services
from tests.support.cards import PIN, held, numbers_in, printed
from tests.support.town import Town
from tests.web.test_forms_again import browser_of, send
from tests.web.test_identity_api import mailed_code

PINS = {"pin": PIN, "pin_again": PIN}


@pytest.fixture
def officer(town: Town) -> FlaskClient:
    return browser_of(town, "officer")


def found(browser: FlaskClient, **shown: str) -> str:
    """The path of the visit that the counter opens."""
    status, page, path = send(browser, "/counter", **shown)
    assert status == 303, page
    return path


def earned(town: Town, number: str) -> dict[str, Any]:
    """A deed certified for whoever holds this card."""
    shown = {"programme_id": str(town.programme_id), "card_number": number}
    visit = town.post("clerk", "/attestations/visits/by-card", shown)
    deed: dict[str, Any] = town.post("clerk", "/attestations", town.signed(visit))
    return deed


def looks_at(services: Services, person: UUID) -> list[tuple[str, str]]:
    with services.database.session() as session:
        return [(one.actor_role, one.resource) for one in accesses_of(session, person)]


def test_a_batch_is_printed_once_and_its_cards_earn_at_once(town: Town, services: Services) -> None:
    batch = town.post("officer", "/card-batches", {"count": 6})
    answer = town.call("officer", "POST", f"/card-batches/{batch['id']}/pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    numbers = numbers_in(answer.data)
    assert (len(numbers), len(set(numbers))) == (12, 6)
    for number in set(numbers):
        assert held(services, number).state is CardState.MADE
    earned(town, numbers[0].lower().replace("-", " "))
    again = town.call("officer", "POST", f"/card-batches/{batch['id']}/pdf")
    assert (again.status_code, again.get_json()["code"]) == (409, "card-batch-printed")
    others = town.call("officer-2", "POST", f"/card-batches/{batch['id']}/pdf")
    assert others.status_code == 404


def test_the_numbers_are_in_no_stored_answer(town: Town, services: Services) -> None:
    """An answer that is kept for repetition would keep them for two days."""
    batch = town.post("officer", "/card-batches", {"count": 1})
    town.call("officer", "POST", f"/card-batches/{batch['id']}/pdf")
    with services.database.session() as session:
        kept = session.scalars(text("select route from idempotency_key"))
        assert not [route for route in kept if route.endswith("/pdf")]


def test_the_page_makes_cards_too(officer: FlaskClient) -> None:
    assert send(officer, "/counter/batches", count="201")[0] == 422
    assert send(officer, "/counter/batches", count="2")[0] == 303
    page = officer.get("/counter?lang=en").text
    path = page.partition('action="/counter/batches/')[2].partition('"')[0]
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    printed_now = officer.post(f"/counter/batches/{path}", data={"csrf_token": token})
    assert printed_now.mimetype == "application/pdf"
    assert officer.post(f"/counter/batches/{path}", data={"csrf_token": token}).status_code == 409


def test_a_card_is_given_out_with_a_pin_typed_twice(
    services: Services, signer: SignerClient, officer: FlaskClient
) -> None:
    [card] = printed(services, signer)
    path = found(officer, card_number=card.number)
    for pin, again, status in (("2580", "2581", 422), ("1234", "1234", 422), ("12a4", "12a4", 422)):
        assert send(officer, f"{path}/pin", pin=pin, pin_again=again)[0] == status
    assert held(services, card.number).state is CardState.MADE
    assert send(officer, f"{path}/pin", **PINS)[0] == 303
    assert held(services, card.number).state is CardState.ACTIVE
    page = officer.get(f"{path}?lang=en").text
    assert "the card can pay" in page
    assert card.number not in page
    assert ("officer", "counter") in looks_at(services, card.person_id)
    assert "your card, balance, deeds, payments, and who looked" in page


def test_a_replaced_card_keeps_every_deed_and_its_number_is_dead(
    town: Town, services: Services, signer: SignerClient, officer: FlaskClient
) -> None:
    old, new = printed(services, signer, 2)
    earned(town, old.number)
    path = found(officer, card_number=old.number)
    send(officer, f"{path}/pin", **PINS)
    assert send(officer, f"{path}/card", card_number=new.number, **PINS)[0] == 303
    assert held(services, old.number).state is CardState.REPLACED
    now = held(services, new.number)
    assert (now.person_id, now.state) == (old.person_id, CardState.ACTIVE)
    shown = {"programme_id": str(town.programme_id), "card_number": old.number}
    refused = town.call("clerk", "POST", "/attestations/visits/by-card", shown)
    assert refused.get_json()["code"] == "card-ended"
    stub = found(officer, card_number=old.number)  # it still finds its holder
    assert "No deed yet" not in officer.get(f"{stub}?lang=en").text


def test_a_blocked_card_is_replaced_by_its_stub_alone(
    town: Town, services: Services, signer: SignerClient, officer: FlaskClient
) -> None:
    old, new = printed(services, signer, 2)
    earned(town, old.number)
    path = found(officer, card_number=old.number)
    assert send(officer, f"{path}/block")[0] == 303
    assert held(services, old.number).state is CardState.BLOCKED
    assert send(officer, f"{path}/pin", **PINS)[0] == 409
    assert send(officer, f"{path}/card", card_number=new.number, **PINS)[0] == 303
    assert held(services, new.number).person_id == old.person_id


def test_somebody_with_a_telephone_gets_a_card_of_their_own(
    town: Town, services: Services, signer: SignerClient, officer: FlaskClient
) -> None:
    [card] = printed(services, signer)
    code = town.code_of("citizen")
    path = found(officer, short_number=code["short_number"], time_code=code["time_code"])
    assert send(officer, f"{path}/card", card_number=card.number, **PINS)[0] == 303
    assert held(services, card.number).person_id == town.people["citizen"]
    with services.database.session() as session:
        assert session.get_one(Person, card.person_id).closed_at is not None


def test_a_card_that_earned_is_given_to_nobody_else(
    town: Town, services: Services, signer: SignerClient, officer: FlaskClient
) -> None:
    [card] = printed(services, signer)
    earned(town, card.number)
    code = town.code_of("citizen")
    path = found(officer, short_number=code["short_number"], time_code=code["time_code"])
    assert send(officer, f"{path}/card", card_number=card.number, **PINS)[0] == 409
    assert held(services, card.number).person_id == card.person_id


def test_the_holder_of_a_card_gets_an_address_with_letter_and_pin(
    services: Services, signer: SignerClient, officer: FlaskClient
) -> None:
    [card] = printed(services, signer)
    path = found(officer, card_number=card.number)
    send(officer, f"{path}/pin", **PINS)
    address = f"{new_number().lower()}@city.example"
    status, page, _ = send(officer, f"{path}/email", email=address)
    assert (status, address in page) == (200, True)
    challenge = page.partition('name="challenge" value="')[2].partition('"')[0]
    said = {"email": address, "challenge": challenge, "code": mailed_code(services), "pin": PIN}
    assert send(officer, f"{path}/email/code", **said | {"code": "000000"})[0] == 403
    assert send(officer, f"{path}/email/code", **said | {"pin": "9999"})[0] == 403
    assert level(services, card.person_id) is IdentityLevel.CARD
    assert send(officer, f"{path}/email/code", **said)[0] == 303
    assert level(services, card.person_id) is IdentityLevel.CONTACT


def level(services: Services, person: UUID) -> IdentityLevel:
    with services.database.session() as session:
        return session.get_one(Person, person).identity_level


def test_an_officer_sees_only_who_stands_there(
    town: Town, services: Services, signer: SignerClient, officer: FlaskClient
) -> None:
    [card] = printed(services, signer)
    path = found(officer, card_number=card.number)
    assert browser_of(town, "officer-2").get(path).status_code == 404
    assert browser_of(town, "clerk").get(path).status_code == 403
    with services.database.session() as session:
        session.execute(
            text("update counter_visit set expires_at = at + :age"), {"age": timedelta(0)}
        )
        session.commit()
    assert officer.get(path).status_code == 404


def test_wrong_numbers_are_counted(
    services: Services, signer: SignerClient, officer: FlaskClient
) -> None:
    [card] = printed(services, signer)
    statuses = [
        send(officer, "/counter", card_number=new_number())[0]
        for _ in range(counter.WRONG_PER_OFFICER)
    ]
    assert set(statuses) == {422}
    assert send(officer, "/counter", card_number=card.number)[0] == 429


def test_an_attesters_wrong_cards_count_with_wrong_codes(
    town: Town, services: Services, signer: SignerClient
) -> None:
    [card] = printed(services, signer)

    def shown(number: str) -> str:
        body = {"programme_id": str(town.programme_id), "card_number": number}
        answer = town.call("clerk", "POST", "/attestations/visits/by-card", body)
        return str(answer.get_json().get("code"))

    assert {shown(new_number()) for _ in range(50)} == {"card-unknown"}
    assert shown(card.number) == "presence-too-many-tries"


def test_the_attesters_page_takes_a_card(
    town: Town, services: Services, signer: SignerClient
) -> None:
    [card] = printed(services, signer)
    status, _, path = send(browser_of(town, "clerk"), "/attest/citizen", card_number=card.number)
    assert (status, path.startswith("/attest?visit=")) == (303, True)
    assert ("attester", "card") in looks_at(services, card.person_id)


def test_no_row_of_a_card_says_its_number(services: Services, signer: SignerClient) -> None:
    [card] = printed(services, signer)
    with services.database.session() as session:
        row = session.scalars(select(Card).where(col(Card.person_id) == card.person_id)).one()
        assert card.number.replace("-", "") not in str(row.model_dump())

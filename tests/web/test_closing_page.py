"""Closing an account by page and by program, with the real signer for what is given away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlmodel import col

from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.models import Organisation, OrganisationKind, Person, SignInSession
from app.merchants.models import Payment
from app.services import Services
from tests.support.paying import City, paying_city


@pytest.fixture
def city(services: Services, signer: SignerClient) -> Iterator[City]:
    with paying_city(services, signer) as made:
        yield made


@pytest.fixture
def association(city: City) -> str:
    """The shop, as an association."""
    shop_id = city.world.shop.organisation_id
    with city.world.services.database.transaction() as session:
        session.get_one(Organisation, shop_id).kind = OrganisationKind.ASSOCIATION
    return str(shop_id)


@pytest.fixture
def browser(city: City) -> FlaskClient:
    opened = city.client.application.test_client()
    with city.world.services.database.transaction() as session:
        now = city.world.services.clock.now(session)
        person = city.world.mine.person_id
        opened.set_cookie("civis", identity.open_session(session, person, "browser", now))
    return opened


def _prove(city: City) -> None:
    """As after a passkey or a fresh code."""
    with city.world.services.database.transaction() as session:
        now = city.world.services.clock.now(session)
        theirs = col(SignInSession.person_id) == city.world.mine.person_id
        session.execute(update(SignInSession).where(theirs).values(proved_at=now))


def _closed(city: City) -> bool:
    with city.world.services.database.session() as session:
        return session.get_one(Person, city.world.mine.person_id).closed_at is not None


def _press(browser: FlaskClient, **fields: str) -> tuple[int, str]:
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/me/closing").text)
    assert token
    once = {"csrf_token": token[1], "idempotency_key": str(uuid4())}
    answer = browser.post("/me/closing?lang=en", data=once | fields)
    return answer.status_code, answer.text


def test_a_program_is_told_what_would_end_then_closes(city: City, association: str) -> None:
    told = city.get("citizen", "/me/closing")
    assert told["available_cents"] == 1000
    assert association in [one["id"] for one in told["receivers"]]
    hasty = city.call("citizen", "POST", "/me/closing", {"gift_to": association})
    assert (hasty.get_json()["code"], _closed(city)) == ("step-up-needed", False)
    _prove(city)
    city.post("citizen", "/me/closing", {"gift_to": association})
    assert _closed(city)
    assert city.call("citizen", "GET", "/me").status_code == 401
    with city.world.services.database.session() as session:
        payer = col(Payment.payer_id) == city.world.mine.person_id
        [paid] = session.scalars(select(Payment).where(payer))
    assert paid.amount_cents == 1000


def test_the_page_asks_twice_and_signs_out(city: City, browser: FlaskClient) -> None:
    page = browser.get("/me/closing?lang=en").text
    assert "What is kept, and why" in page
    assert _press(browser, sure="yes")[0] == 403
    assert not _closed(city)
    _prove(city)
    status, text = _press(browser)
    assert (status, "Please tick the box" in text) == (422, True)
    assert not _closed(city)
    status, text = _press(browser, sure="yes")
    assert (status, "Your account is closed" in text) == (200, True)
    assert _closed(city)
    assert browser.get("/me").status_code == 302


def test_a_wrong_receiver_closes_nothing(city: City, browser: FlaskClient) -> None:
    _prove(city)
    for receiver in (str(uuid4()), str(city.world.shop.organisation_id), "nobody"):
        status, _text = _press(browser, sure="yes", gift_to=receiver)
        assert status == 422
    assert not _closed(city)

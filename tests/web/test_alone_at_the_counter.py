"""One officer alone, against somebody whose address is all that they know: they get nothing."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.cards.models import CardState
from app.identity.models import IdentityLevel, Person, SignInSession
from app.identity.people import set_email
from app.rights import requests
from app.rights.models import RequestKind
from app.services import Services
from tests.support.cards import PIN, held, printed
from tests.support.town import Town
from tests.web.test_forms_again import browser_of, send

PINS = {"pin": PIN, "pin_again": PIN}


@dataclass
class Absent:
    """Somebody who is not there, as the officer reaches them."""

    services: Services
    person: UUID
    address: str
    officer: FlaskClient

    def visit(self) -> str:
        status, page, path = send(self.officer, "/counter", email=self.address)
        assert status == 303, page
        return path

    def row(self) -> Person:
        with self.services.database.session() as session:
            found = session.get_one(Person, self.person)
            session.expunge(found)
            return found


@pytest.fixture
def absent(town: Town, services: Services) -> Absent:
    address = f"{uuid4().hex}@city.example"
    with services.database.transaction() as session:
        now = services.clock.now(session)
        level = IdentityLevel.CONTACT
        person = identity.register_person(session, address, level=level, now=now).id
        session.execute(update(SignInSession).values(proved_at=now))
    return Absent(services, person, address, browser_of(town, "officer"))


def test_no_card_no_other_address_no_consent_and_no_end(
    absent: Absent, services: Services, signer: SignerClient
) -> None:
    [card] = printed(services, signer)
    path, before = absent.visit(), absent.row()
    for act, fields in (
        ("/card", {"card_number": card.number, **PINS}),
        ("/email", {"email": "mine@city.example"}),
        ("/email/code", {"email": "mine@city.example", "code": "123456", "pin": PIN}),
        ("/rights/consents", {"purpose": "research", "given": "yes"}),
        ("/rights/closing", {"sure": "yes"}),
        ("/rights/export", {}),
    ):
        status, page, _ = send(absent.officer, path + act, **fields)
        assert (status, "An address alone is not enough" in page) == (403, True), act
    after = absent.row()
    assert (after.email_lookup, after.closed_at) == (before.email_lookup, None)
    assert held(services, card.number).state is CardState.MADE


def test_whoever_has_an_address_gets_another_only_by_two_officers(
    absent: Absent, town: Town
) -> None:
    """Though they stand there and show their code."""
    with absent.services.database.transaction() as session:
        set_email(session, town.people["citizen"], f"{uuid4().hex}@city.example")
    code = town.code_of("citizen")
    shown = {name: code[name] for name in ("short_number", "time_code")}
    status, page, path = send(absent.officer, "/counter", **shown)
    assert status == 303, page
    status, page, _ = send(absent.officer, f"{path}/email", email="mine@city.example")
    assert (status, "has an address already" in page) == (409, True)


def test_whoever_entered_a_request_does_not_answer_it(absent: Absent, town: Town) -> None:
    with absent.services.database.transaction() as session:
        now = absent.services.clock.now(session)
        made = requests.ask(
            session,
            absent.person,
            RequestKind.RECTIFICATION,
            text="As they said",
            by=town.people["officer"],
            now=now,
        ).id
    said = {"granted": True, "text": "Yes"}
    refused = town.call("officer", "POST", f"/rights-requests/{made}/answer", said)
    assert refused.get_json()["code"] == "request-own"
    town.post("officer-2", f"/rights-requests/{made}/answer", said, status=200)

"""Who has a card alone leaves, and an association gets what is left: card, PIN and an officer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.application import build
from app.chain.signer import SignerClient
from app.errors import Problem
from app.identity.cards.models import CardState
from app.identity.models import Organisation, OrganisationKind
from app.merchants.models import Merchant, Payment, PaymentState
from app.rewards.money.ledger import available
from app.services import Services
from tests.support.at_counter import AtCounter
from tests.support.card_till import HAS, Till, card_till
from tests.support.cards import PIN, held
from tests.support.shop import Shop

OPEN = "open><summary><strong>Close their account"


def _says_where_it_went(told: str, code: str) -> None:
    assert "The account is closed" in told
    assert f"given to Friends of the river, code {code}" in told
    assert "go back to the programme" not in told


@pytest.fixture
def till(services: Services, signer: SignerClient) -> Iterator[Till]:
    with card_till(services, signer) as made:
        yield made


@pytest.fixture
def here(till: Till, signer: SignerClient) -> AtCounter:
    application = build(parts=replace(till.services, signer=signer))
    browser, token = application.test_client(), till.city.tokens["officer"]
    browser.set_cookie("civis", token)
    visit, person = f"/counter/visits/{till.visit}", till.card.person_id
    counter = AtCounter(till.services, browser, token, visit, person)
    counter.prove()
    return counter


@pytest.fixture
def association(till: Till) -> Merchant:
    with till.services.database.transaction() as session:
        now = till.services.clock.now(session)
        made = Shop(session, now).merchant(till.city.world.programme)
        body = session.get_one(Organisation, made.organisation_id)
        body.kind, body.name = OrganisationKind.ASSOCIATION, "Friends of the river"
        session.flush()
        session.refresh(made)
        session.expunge(made)
    return made


def test_from_the_card_to_the_association_s_balance(
    here: AtCounter, till: Till, association: Merchant
) -> None:
    till.settle_pin(uuid4())
    assert "give them to Friends of the river" in here.read()
    to = {"sure": "yes", "gift_to": str(association.organisation_id)}
    for wrong, status in (
        ({**to, "pin": "9753"}, 403),
        (to, 403),
        ({**to, "pin": PIN, "gift_to": str(till.shop)}, 422),
        ({**to, "pin": PIN, "gift_to": "nobody"}, 422),
        ({**to, "pin": PIN, "card_number": "2345-6789-2345-6789"}, 403),
    ):
        assert OPEN in here.press("closing", status, **wrong), "where they were"
        by_api = till.city.call("officer", "POST", f"{here.visit}/closing", {**wrong, "sure": True})
        assert by_api.status_code == status
        assert here.row().closed_at is None
        assert till.left() == HAS
    told = here.press("closing", 200, **to, pin=PIN)
    with till.services.database.session() as session:
        payee = Payment.merchant_id, association.organisation_id
        [paid] = session.scalars(select(Payment).where(col(payee[0]) == payee[1]))
    _says_where_it_went(told, paid.short_code)
    assert (paid.state, paid.amount_cents, till.left()) == (PaymentState.ACCEPTED, HAS, 0)
    assert paid.contestable_until is None, "there is nobody left to contest it"
    till.city.settle(str(paid.id))
    with till.services.database.session() as session:
        assert available(session, association.address) == HAS
    assert here.row().closed_at is not None
    assert held(till.services, till.card.number).state is CardState.BLOCKED


def test_by_api_more_than_a_till_may_take_and_by_no_pin_of_the_officers_own(
    here: AtCounter, till: Till, association: Merchant
) -> None:
    """Who chose the PIN could give everything away; what is above a gift's ceiling stays."""
    with till.services.database.transaction() as session:
        shop = Shop(session, till.services.clock.now(session))
        shop.balance(till.account.address, till.city.world.programme, 2100)
    said = {"sure": True, "gift_to": str(association.organisation_id), "pin": PIN}

    def closing() -> tuple[int, str]:
        answer = till.city.call("officer", "POST", f"{here.visit}/closing", said)
        return answer.status_code, answer.get_json().get("code", "")

    assert closing() == (403, "signer-card-pin-fresh")
    till.settle_pin(here.officer)
    assert closing() == (403, "signer-card-pin-fresh"), "the officer who asks set it"
    till.settle_pin(uuid4())
    before = till.left()
    assert before > 3000, "what a card pays to one shop at most"
    assert closing() == (200, "")
    assert till.left() == 0
    assert here.row().closed_at is not None


def test_the_signer_gives_to_associations_alone_and_before_an_officer(
    till: Till, signer: SignerClient, association: Merchant
) -> None:
    """Though the web process asks for something else."""
    world, tokens = till.city.world, till.city.tokens
    gift = world.order(payer=till.account.address, payee=association.address)
    to_shop = world.order(payer=till.account.address)
    by_card = {"number": till.card.number, "pin": PIN}
    for who, order, code in (
        ("officer", to_shop, "signer-payee-not-active"),
        ("till", gift, "signer-not-owner"),
        ("citizen", gift, "signer-not-owner"),
    ):
        with pytest.raises(Problem) as refused:
            signer.for_session(tokens[who]).sign_card_gift(order, **by_card)
        assert refused.value.code == code, who
    with pytest.raises(Problem, match="card-or-pin-wrong"):
        signer.for_session(tokens["officer"]).sign_card_gift(gift, **by_card | {"pin": "9753"})
    till.settle_pin(uuid4())
    assert signer.for_session(tokens["officer"]).sign_card_gift(gift, **by_card)

"""Paying by card at a till: once, with the right PIN, by a payee alone."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from app.chain.signer import SignerClient
from app.errors import Problem
from app.identity import service as identity
from app.identity.cards.models import Card, CardState
from app.identity.cards.numbers import new_number
from app.identity.models import Role, SignInSession
from app.identity.people import set_email
from app.merchants.card_charges import WRONG_PER_TILL
from app.merchants.models import Merchant, PaymentOrder
from app.services import Services
from tests.support.card_till import HAS, Till, card_till
from tests.support.cards import printed, till_of
from tests.support.recovering import Recovering
from tests.support.shop import Shop
from tests.support.signer_world import shop_of


@pytest.fixture
def till(services: Services, signer: SignerClient) -> Iterator[Till]:
    with card_till(services, signer) as made:
        yield made


def test_a_charge_pays_and_says_what_is_left(till: Till) -> None:
    asked = till.city.ask(320)["id"]
    status, answer = till.charge(asked)
    assert (status, answer["balance_cents"]) == (200, HAS - 320)
    assert answer["payment"]["state"] == "accepted"
    assert till.left() == HAS - 320


def test_what_a_till_learns_names_nobody(till: Till) -> None:
    """Neither person, card, account nor anything that another shop's answer has too."""
    first, second = (till.charge(till.city.ask(100)["id"])[1]["payment"] for _ in range(2))
    shared = {key for key in first if first[key] == second[key] and first[key] is not None}
    assert shared == {
        "shop", "amount_cents", "label", "state", "refunded_cents", "refundable_cents",
    }  # fmt: skip
    said = str(first)
    for secret in (till.card.person_id, till.account.address, till.account.id, till.card.number):
        assert str(secret) not in said


def test_sent_again_it_pays_once_and_says_no_balance_without_the_pin(till: Till) -> None:
    asked, key = till.city.ask(320)["id"], str(uuid4())
    first = till.charge(asked, key=key)
    assert till.charge(asked, key=key) == first
    status, again = till.charge(asked)
    assert (status, again["balance_cents"]) == (200, None)
    assert till.charge(asked, pin="9999")[1]["balance_cents"] is None
    assert till.left() == HAS - 320
    with till.services.database.session() as session:
        orders = select(func.count()).where(col(PaymentOrder.payment_id) == UUID(asked))
        assert session.scalar(orders) == 1


def test_a_wrong_pin_pays_nothing(till: Till) -> None:
    asked = till.city.ask(320)["id"]
    assert till.charge(asked, pin="2581")[1]["code"] == "card-or-pin-wrong"
    assert till.charge(asked, card_number=new_number())[1]["code"] == "card-or-pin-wrong"
    assert till.left() == HAS
    assert till.charge(asked)[0] == 200


def test_a_till_cant_try_pins_or_numbers_without_limit(till: Till) -> None:
    asked = till.city.ask(320)["id"]
    codes = [till.charge(asked, card_number=new_number())[1]["code"] for _ in range(WRONG_PER_TILL)]
    assert set(codes) == {"card-or-pin-wrong"}
    assert till.charge(asked)[1]["code"] == "card-too-many-tries"


def test_five_wrong_pins_at_any_tills_block_the_pin(till: Till) -> None:
    asked = till.city.ask(320)["id"]
    assert {till.charge(asked, pin=f"900{n}")[1]["code"] for n in range(5)} == {"card-or-pin-wrong"}
    assert till.charge(asked)[1]["code"] == "signer-card-pin-blocked"
    till.city.post("officer", f"/counter/visits/{till.visit}/pin", {"pin": "1470"})
    assert till.charge(asked, pin="1470")[0] == 200


def test_only_the_shop_that_asked_may_charge(till: Till, signer: SignerClient) -> None:
    asked = till.city.ask(320)["id"]
    assert till.charge(asked, "officer")[0] == 403
    assert till.charge(asked, "citizen")[0] == 403
    with till.services.database.transaction() as session:
        now = till.services.clock.now(session)
        other = shop_of(session, signer, now)
    till.city.tokens["elsewhere"] = till_of(till.services, other)
    assert till.charge(asked, "elsewhere")[0] == 404
    with till.services.database.transaction() as session:
        closing = update(Merchant).where(col(Merchant.organisation_id) == till.shop)
        session.execute(closing.values(state="closing"))
    assert till.charge(asked)[1]["code"] == "payee-not-active"
    assert till.left() == HAS


def test_more_than_the_card_holds_or_may_is_refused_whole(till: Till) -> None:
    assert till.charge(till.city.ask(HAS + 1)["id"])[1]["code"] == "balance-too-low"
    with till.services.database.transaction() as session:
        now = till.services.clock.now(session)
        Shop(session, now).balance(till.account.address, till.city.world.programme, 9000)
    assert till.charge(till.city.ask(3001)["id"])[1]["code"] == "signer-card-payment-ceiling"
    assert till.left() == HAS + 9000


def test_a_card_that_is_made_blocked_or_replaced_pays_nothing(
    till: Till, signer: SignerClient
) -> None:
    made, new = printed(till.services, signer, 2)
    asked = till.city.ask(320)["id"]
    assert till.charge(asked, card_number=made.number)[1]["code"] == "card-not-active"
    till.city.post("officer", f"/counter/visits/{till.visit}/block")
    assert till.charge(asked)[1]["code"] == "card-ended"
    given = {"card_number": new.number, "pin": "1470"}
    till.city.post("officer", f"/counter/visits/{till.visit}/card", given)
    status, answer = till.charge(asked, card_number=new.number, pin="1470")
    assert (status, answer["balance_cents"]) == (200, HAS - 320)
    assert till.charge(asked)[1]["code"] == "card-ended"


def test_nobody_charges_a_card_of_their_own_at_their_till(till: Till) -> None:
    with till.services.database.transaction() as session:
        identity.grant_role(
            session,
            person_id=till.card.person_id,
            role=Role.MERCHANT,
            organisation_id=till.shop,
            now=till.services.clock.now(session),
        )
    assert till.charge(till.city.ask(320)["id"])[1]["code"] == "payment-own-till"


def test_a_closing_that_is_refused_leaves_the_card_as_it_was(till: Till) -> None:
    """The signer is told of the card's end once nothing else can refuse any more."""
    with till.services.database.transaction() as session:
        now = till.services.clock.now(session)
        till.city.tokens["holder"] = identity.open_session(session, till.card.person_id, "api", now)
        session.execute(update(SignInSession).values(proved_at=now))
    refused = till.city.call("holder", "POST", "/me/closing", {"gift_to": str(uuid4())})
    assert refused.get_json()["code"] == "closing-receiver"
    assert till.charge(str(till.city.ask(320)["id"]))[0] == 200
    closed = till.city.call("holder", "POST", "/me/closing", {})
    assert closed.status_code == 200, closed.text
    status, answer = till.charge(str(till.city.ask(320)["id"]))
    assert (status, answer["code"]) == (409, "card-ended")


def test_who_gets_the_account_back_is_paid_for_by_no_card_of_before(
    till: Till, signer: SignerClient
) -> None:
    """Whoever took it over may hold the card and its PIN too; the signer knows of it by itself."""
    town = Recovering(till.city, f"{uuid4().hex}@city.example")
    with till.services.database.transaction() as session:
        set_email(session, till.card.person_id, town.email)
    email = f"{uuid4().hex}@elsewhere.example"
    case = town.propose(email)
    with pytest.raises(Problem, match="signer-order-refused"):
        signer.end_recovered_cards(UUID(case))
    town.confirm(case, email)
    town.age(hours=72)
    assert town.rounds() == 1
    assert till.charge(till.city.ask(100)["id"])[0] == 409
    with till.services.database.transaction() as session:
        again = update(Card).where(col(Card.person_id) == till.card.person_id)
        session.execute(again.values(state=CardState.ACTIVE, ended_at=None))
    status, answer = till.charge(till.city.ask(100)["id"])
    assert (status, answer["code"]) == (403, "card-or-pin-wrong"), "no card of theirs is live"

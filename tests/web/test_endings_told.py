"""Who has neither telephone nor e-mail hears of an end at counter and till, on paper too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.chain.signer import SignerClient
from app.rewards.models import Programme
from app.services import Services
from tests.support.card_till import HAS, Till, card_till
from tests.web.test_card_till_page import charged, look, said

LAST = "Last day to spend"


@pytest.fixture
def till(services: Services, signer: SignerClient) -> Iterator[Till]:
    with card_till(services, signer) as made:
        yield made


def announced(till: Till, days: int = 30) -> Programme:
    """Its end, so many days from now."""
    with till.services.database.transaction() as session:
        now = till.services.clock.now(session)
        programme = session.get_one(Programme, till.city.world.programme.id)
        programme.end_announced_at = now
        programme.last_day_to_earn = (now + timedelta(days=days - 1)).date()
        programme.last_day_to_spend = (now + timedelta(days=days)).date()
        return programme


def test_the_counter_says_what_expires_and_prints_it(till: Till) -> None:
    page = f"/counter/visits/{till.visit}"
    assert LAST not in look(till, "officer", page)
    programme = announced(till)
    for shown in (look(till, "officer", page), look(till, "officer", page + "/rights")):
        assert LAST in shown
        assert "What expires after it, if not spent</dt><dd>10.00 tokens" in shown
        assert "No letter reaches this person" in shown
    rights = till.city.get("officer", f"/counter/visits/{till.visit}/rights")
    assert [(one["cents"], one["last_day_to_spend"], one["over"]) for one in rights["endings"]] == [
        (HAS, programme.last_day_to_spend.isoformat(), False)
    ]


def test_the_receipt_says_how_much_of_the_rest_expires(till: Till) -> None:
    before = said(charged(till, till.city.ask(320)["id"]))
    assert "expire" not in before
    announced(till)
    receipt = said(charged(till, till.city.ask(180)["id"]))
    assert "Left on the card: 5.00 tokens" in receipt
    assert receipt.count("5.00 tokens of it expire after") == 2, "on paper, and said aloud"
    status, answer = till.charge(till.city.ask(100)["id"])
    assert (status, [one["cents"] for one in answer["endings"]]) == (200, [400])


def test_the_till_says_until_when_it_takes_tokens(till: Till) -> None:
    assert "ends." not in look(till, "till", "/till")
    announced(till)
    for page in ("/till", "/till/pay-outs"):
        assert "refunds end on that day too" in look(till, "till", page)
    announced(till, days=-1)
    assert "nothing more is taken" in look(till, "till", "/till")

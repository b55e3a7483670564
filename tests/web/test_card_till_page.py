"""The till's page with a card, and the pages of a contest, without a browser's script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from app.chain.signer import SignerClient
from app.identity import service as identity
from app.services import Services
from tests.support.card_till import HAS, Till, card_till
from tests.support.cards import PIN


@pytest.fixture
def till(services: Services, signer: SignerClient) -> Iterator[Till]:
    with card_till(services, signer) as made:
        yield made


def look(till: Till, who: str, path: str) -> str:
    return said(till.city.client.get(path, headers=_headers(till, who)))


def send(till: Till, who: str, path: str, key: str = "", **form: str) -> TestResponse:
    headers = _headers(till, who) | {"Idempotency-Key": key or str(uuid4())}
    return till.city.client.post(path, data=form, headers=headers)


def _headers(till: Till, who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {till.city.tokens[who]}", "Accept-Language": "en"}


def said(answer: TestResponse) -> str:
    return answer.text.replace("\xa0", " ").replace("&#39;", "'")


def charged(till: Till, asked: str, key: str = "", **typed: str) -> TestResponse:
    form = {"card_number": till.card.number, "pin": PIN} | typed
    return send(till, "till", f"/till/payments/{asked}/card", key, **form)


def test_the_receipt_says_amount_and_rest_once(till: Till) -> None:
    asked, key = till.city.ask(320)["id"], str(uuid4())
    assert "The customer has a paper card" in look(till, "till", f"/till/payments/{asked}")
    receipt = said(charged(till, asked, key))
    assert "Paid by card" in receipt
    assert "Left on the card: 6.80 tokens" in receipt
    assert 'data-speak="Paid: €3.20. Left: 6.80 tokens."' in receipt
    assert "Left on the card" in said(charged(till, asked, key))  # the same answer again
    assert "Left on the card" not in said(charged(till, asked))
    page = look(till, "till", f"/till/payments/{asked}")
    assert "6.80" not in page
    assert "can be contested until" in page
    assert till.left() == HAS - 320


def test_a_wrong_pin_is_told_and_the_number_kept(till: Till) -> None:
    asked = till.city.ask(320)["id"]
    answer = charged(till, asked, pin="9876")
    assert answer.status_code == 403
    page = said(answer)
    assert "Card or PIN is wrong" in page
    assert f'value="{till.card.number}"' in page
    assert "9876" not in page


def test_the_day_tells_what_waits(till: Till) -> None:
    till.paid(320)
    page = look(till, "till", "/till")
    assert "By card, and waiting: €3.20" in page
    assert re.search(r"In the pay-out of .* so far: €0\.00", page)


def test_contested_at_the_counter_decided_by_two_officers_on_their_pages(till: Till) -> None:
    till.paid(320)
    visit = f"/counter/visits/{till.visit}"
    payment = look(till, "officer", visit).partition('name="payment_id" value="')[2][:36]
    sent = send(till, "officer", f"{visit}/contests", payment_id=payment, reason="not-mine")
    assert sent.status_code == 303
    assert "two officers decide" in look(till, "officer", visit)
    page = look(till, "officer", "/office/contests")
    contest = page.partition('action="/office/contests/')[2][:36]
    assert "I did not pay this" in page
    assert send(till, "officer", f"/office/contests/{contest}", upheld="yes").status_code == 303
    decisions = look(till, "officer-2", "/office/decisions")
    assert "Upheld: it goes back to the card." in decisions
    proposal = re.findall(r'action="/office/decisions/([^"]+)"', decisions)[-1]
    assert send(till, "officer-2", f"/office/decisions/{proposal}", yes="yes").status_code == 303
    assert "The contest was upheld" in look(till, "till", f"/till/payments/{payment}")


def test_the_holder_with_a_page_contests_there(till: Till) -> None:
    charged_now = till.paid(320)
    with till.services.database.transaction() as session:
        at = till.services.clock.now(session)
        till.city.tokens["holder"] = identity.open_session(
            session, till.card.person_id, "browser", at
        )
    path = f"/pay/{charged_now}"
    assert "Contest this card payment" in look(till, "holder", path)
    assert send(till, "holder", f"{path}/contest", reason="nonsense").status_code == 422
    assert send(till, "holder", f"{path}/contest", reason="wrong-amount").status_code == 303
    assert "two officers decide" in look(till, "holder", path)

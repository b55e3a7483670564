"""A payment by the API alone, with the real signer: till, citizen, refund, pay-out, bank."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from app.chain.signer import SignerClient
from app.merchants import settlement
from app.merchants.models import PayOut
from app.services import Services
from tests.support.paying import City, paying_city
from tests.support.shop import IBAN

Call = Callable[..., TestResponse]


@pytest.fixture
def city(services: Services, signer: SignerClient) -> Iterator[City]:
    with paying_city(services, signer) as made:
        yield made


def test_asked_paid_seen_by_both(city: City) -> None:
    asked = city.ask(320)
    assert asked["pay_url"].endswith(f"/pay/{asked['id']}")
    found = city.get("citizen", f"/payments/by-code/{asked['short_code']}")
    assert (found["id"], found["shop"]) == (asked["id"], "Shop")
    paid = city.post("citizen", f"/payments/{asked['id']}/acceptance", {})
    assert paid["state"] == "accepted"
    assert city.get("till", f"/payments/{asked['id']}") == paid
    assert city.get("till", "/till/payments")["items"] == [paid]
    assert city.get("citizen", "/me/payments")["items"] == [paid]
    assert city.get("till", "/till/day")["total_cents"] == 320


def test_a_till_never_sees_who_paid(city: City) -> None:
    asked = city.ask(320)
    city.post("citizen", f"/payments/{asked['id']}/acceptance", {})
    city.settle(asked["id"])
    city.post("till", f"/payments/{asked['id']}/refunds", {"amount_cents": 20}, status=201)
    month = asked["created_at"]
    seen = [
        city.call("till", "GET", path).get_data(as_text=True)
        for path in (
            f"/payments/{asked['id']}",
            "/till/payments",
            f"/till/payments.csv?year={month[:4]}&month={int(month[5:7])}",
            f"/payments/{asked['id']}/trail",
        )
    ]
    everything = "".join(seen).lower()
    assert asked["short_code"].lower() in everything
    assert city.world.mine.address.lower() not in everything
    assert str(city.world.mine.person_id) not in everything
    assert city.call("till", "GET", f"/payments/{asked['id']}/orders").status_code == 409


def test_pressed_again_with_any_key_it_pays_once(city: City) -> None:
    asked = city.ask(700)
    path = f"/payments/{asked['id']}/acceptance"
    answers = [city.call("citizen", "POST", path, {}, key) for key in ("k" * 8, "k" * 8, "l" * 8)]
    assert [a.status_code for a in answers] == [200, 200, 200]
    assert len({a.get_data() for a in answers}) == 1
    refused = city.call("citizen", "POST", f"/payments/{city.ask(301)['id']}/acceptance", {})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "balance-too-low")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/payments", {"amount_cents": 0}, 422, "invalid"),
        ("/payments", {"amount_cents": -5}, 422, "invalid"),
        ("/payments", {"amount_cents": 1.5}, 422, "invalid"),
        ("/payments", {"amount_cents": "320"}, 422, "invalid"),
        ("/payments", {"amount_cents": 100_000_001}, 422, "invalid"),
        ("/payments", {"amount_cents": 1, "payer": "x"}, 422, "invalid"),
        ("/payments", {"amount_cents": 1, "label": "x" * 81}, 422, "invalid"),
        (
            "/payments/00000000-0000-7000-8000-000000000000/refunds",
            {"amount_cents": 1},
            404,
            "payment-unknown",
        ),
        ("/payments/at-till", {"till_number": "0", "amount_cents": 1}, 404, "till-unknown"),
        ("/bank-files", {}, 403, "not-allowed"),
        ("/merchants", {}, 403, "not-allowed"),
    ],
)
def test_bad_requests(city: City, path: str, body: Any, status: int, code: str) -> None:
    answer = city.call("till", "POST", path, body)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["remedy"]


def test_a_signature_that_is_none_is_refused(city: City) -> None:
    path = f"/payments/{city.ask(10)['id']}/acceptance"
    body = {"signatures": [{"order_id": "0x12", "signature": "0x" + "00" * 64}]}
    answer = city.call("citizen", "POST", path, body)
    assert answer.status_code == 422
    assert {e["field"] for e in answer.get_json()["errors"]} == {
        "signatures.0.order_id",
        "signatures.0.signature",
    }


def test_from_the_payment_to_the_bank_and_back(city: City) -> None:
    account = {"account_holder": "Shop", "iban": IBAN}
    details = f"/merchants/{city.world.shop.organisation_id}/bank-details"
    city.post("officer", details, account, status=204)
    compared = {"bank_details_id": city.get("officer-2", details)["id"]}
    own = city.call("officer", "POST", details + "/confirmation", compared)
    assert own.get_json()["code"] == "second-person-needed"
    city.post("officer-2", details + "/confirmation", compared, status=204)
    asked = city.ask(500)
    city.post("citizen", f"/payments/{asked['id']}/acceptance", {})
    city.settle(asked["id"])
    cut_off = (datetime.fromisoformat(asked["created_at"]) + timedelta(minutes=1)).isoformat()
    period = {"period": uuid4().hex[:12], "cut_off": cut_off}
    city.post("treasurer", "/pay-outs", period)
    (pay_out,) = city.get("till", "/pay-outs")["items"]
    assert (pay_out["gross_cents"], pay_out["state"]) == (500, "closed")
    with city.world.services.database.transaction() as session:
        row = session.get_one(PayOut, UUID(pay_out["id"]))
        now = city.world.services.clock.now(session)
        settlement.paid_out(session, row.reference, city.world.shop.address, now)
    made = city.post("treasurer", "/bank-files", status=201)
    file = city.call("treasurer", "GET", f"/bank-files/{made['id']}.xml")
    assert IBAN in file.get_data(as_text=True)
    (there,) = city.get("treasurer", f"/payments/{asked['id']}/trail")["items"]
    (order,) = there["bank_orders"]
    assert order["end_to_end_id"] in file.get_data(as_text=True)
    back = city.get("treasurer", f"/bank-orders/{order['end_to_end_id']}")
    assert [line["payment_id"] for line in back["lines"]] == [asked["id"]]
    city.post("treasurer", f"/bank-orders/{order['id']}/confirmation")
    assert city.get("till", "/pay-outs")["items"][0]["state"] == "confirmed"

"""The second officer confirms the very bank account that they compared, and no other."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.merchants.models import BankDetails, Merchant, PayOut, PayOutState
from app.privacy.service import accesses_of
from tests.support.shop import IBAN
from tests.support.town import Town
from tests.web.test_bad_forms import browser_of, send

T0 = datetime(2026, 11, 23, 9, tzinfo=UTC)
OTHER_IBAN = "FR1420041010050500013M02606"


@pytest.fixture
def details(town: Town) -> str:
    """The path of a shop's bank details; the shop waits for a second officer."""
    body = {"slug": f"shop-{uuid4().hex[:8]}", "kind": "merchant", "name": "Grocer"}
    shop = town.post("officer", "/organisations", body)["id"]
    entry = {"organisation_id": shop, "account_holder": "Grocer Ltd", "iban": IBAN}
    town.post("officer", "/merchants", entry)
    return f"/merchants/{shop}/bank-details"


def swap(town: Town, details: str) -> None:
    changed = {"account_holder": "Grocer Ltd", "iban": OTHER_IBAN}
    town.post("officer", details, changed, status=204)


def owed(town: Town, shop: UUID) -> PayOut:
    made: dict[str, Any] = {"merchant_id": shop, "programme_id": town.programme_id}
    made |= {"period": "2026-W47", "cut_off": T0, "reference": shop.bytes, "created_at": T0}
    made |= {"gross_cents": 100, "fee_cents": 0, "net_cents": 100, "state": PayOutState.BURNED}
    return PayOut(**made)


def refused(town: Town, path: str, body: Any) -> tuple[int, str]:
    answer = town.call("officer-2", "POST", path, body)
    return answer.status_code, answer.get_json()["code"]


def confirmed(town: Town, details: str) -> list[str]:
    query = select(BankDetails).where(col(BankDetails.merchant_id) == details.split("/")[2])
    with town.services.database.session() as session:
        return [str(row.id) for row in session.scalars(query) if row.confirmed_at]


def test_what_was_swapped_meanwhile_is_not_confirmed(town: Town, details: str) -> None:
    shop = details.removesuffix("/bank-details") + "/confirmation"
    first = town.get("officer-2", details)
    assert (first["iban"], first["account_holder"]) == (IBAN, "Grocer Ltd")
    swap(town, details)
    compared = {"bank_details_id": first["id"]}
    assert refused(town, shop, None) == (415, "body-type")
    assert refused(town, shop, {}) == (422, "invalid")
    assert refused(town, shop, compared) == (409, "details-changed")
    second = town.get("officer-2", details)
    town.post("officer-2", shop, {"bank_details_id": second["id"]}, status=200)
    assert confirmed(town, details) == [second["id"]]
    swap(town, details)
    again = {"bank_details_id": second["id"]}
    assert refused(town, details + "/confirmation", again) == (409, "details-changed")
    third = {"bank_details_id": town.get("officer-2", details)["id"]}
    town.post("officer-2", details + "/confirmation", third, status=204)
    assert confirmed(town, details) == [second["id"], third["bank_details_id"]]
    assert town.call("officer-2", "GET", details).status_code == 409


def test_an_account_that_a_restore_made_doubtful_is_said_to_be(town: Town, details: str) -> None:
    """To officers and treasurers, until two officers have confirmed one anew."""
    shop, pages = details.split("/")[2], list[str]()
    looks = {f"/office/shops/{shop}": "officer-2", "/office/shops": "officer-2"}
    looks |= {"/treasury": "treasurer"}
    path = f"/merchants/{shop}/confirmation"
    for confirmed_anew in (False, True):
        if confirmed_anew:
            swap(town, details)
            path = details + "/confirmation"
        compared = {"bank_details_id": town.get("officer-2", details)["id"]}
        town.post("officer-2", path, compared, status=204 if confirmed_anew else 200)
        if not confirmed_anew:
            with town.services.database.transaction() as session:
                session.get_one(BankDetails, UUID(compared["bank_details_id"])).doubted_at = T0
                session.add(owed(town, UUID(shop)))
        for page, who in looks.items():
            (client,) = browser_of(town, who)
            pages.append(client.get(page, headers={"Accept-Language": "en"}).text)
    said = ["nothing is paid to this shop until", "its account must be confirmed anew"]
    said.append("owed; its bank account must be confirmed anew")
    told = [words in page for words, page in zip(said * 2, pages, strict=True)]
    assert told == [True] * 3 + [False] * 3
    ready = [re.search(r"Make the bank file \((\d+) transfer", page) for page in pages[2::3]]
    assert [found and found[1] for found in ready] == ["0", "1"]


def test_comparing_stands_in_the_access_log(town: Town, details: str) -> None:
    shop = UUID(details.split("/")[2])
    with town.services.database.session() as session:
        subject = session.get_one(Merchant, shop).subject_id
        before = len(accesses_of(session, subject))
        town.get("officer-2", details)
        after = accesses_of(session, subject)
    assert len(after) > before
    looked = {(one.actor_id, one.actor_role) for one in after}
    assert (town.people["officer-2"], "officer") in looked
    assert town.call("clerk", "GET", details).status_code == 403


def test_an_earlier_page_confirms_nothing_later(town: Town, details: str) -> None:
    path = "/office/shops/" + details.split("/")[2]
    (client,) = browser_of(town, "officer-2")
    seen = re.search(r'name="seen" value="([^"]+)"', client.get(path).text)
    assert seen
    swap(town, details)
    status, page = send(client, path + "/confirmation", {"seen": seen[1]})
    assert status == 409
    assert "FR14 2004 1010 0505 0001 3M02 606" in page, "the one that waits now is shown"
    assert confirmed(town, details) == []
    for forged in ("", "x", str(uuid4())):
        assert send(client, path + "/confirmation", {"seen": forged})[0] == 409
    assert confirmed(town, details) == []

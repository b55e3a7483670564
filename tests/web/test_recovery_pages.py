"""Blocks and recoveries by page: the officers' own page, and what the citizen sees and presses."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.chain.signer import SignerClient
from app.identity import service as identity
from app.services import Services
from tests.support.paying import paying_city
from tests.support.recovering import Recovering, recovering

PAGE = "/office/recoveries"
NOBODYS = "01a20000-0000-7000-8000-000000000000"  # an id that is nobody's


@pytest.fixture
def town(services: Services, signer: SignerClient) -> Iterator[Recovering]:
    with paying_city(services, signer) as city:
        yield recovering(city)


def browser_of(town: Recovering, who: str) -> FlaskClient:
    opened = town.city.client.application.test_client()
    opened.set_cookie("civis", town.city.tokens[who])
    return opened


def press(town: Recovering, who: str, page: str, path: str, **fields: str) -> TestResponse:
    browser = browser_of(town, who)
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(f"{page}?lang=en").text)
    assert token
    once = {"csrf_token": token[1], "idempotency_key": str(uuid4())}
    return browser.post(f"{path}?lang=en", data=once | fields)


def shown(town: Recovering, who: str, page: str = PAGE) -> str:
    return browser_of(town, who).get(f"{page}?lang=en").text


def proposed(town: Recovering) -> tuple[str, str]:
    email = f"{secrets.token_hex(6)}@elsewhere.example"
    said = {"known_by": town.email, "email": email, "seen": "papers"}
    assert press(town, "officer", PAGE, PAGE, **said).status_code == 303
    [case] = town.city.get("officer", "/recoveries")["items"]
    return str(case["id"]), email


def test_an_officer_blocks_by_page_and_the_citizen_sees_it(town: Recovering) -> None:
    said = {"known_by": town.email, "channel": "telephone"}
    assert press(town, "officer", PAGE, f"{PAGE}/blocks", **said).status_code == 303
    own = shown(town, "citizen", "/me/data")
    assert "Blocked until" in own
    assert "by telephone" in own
    assert town.pay().get_json()["code"] == "wallet-blocked"
    block = town.city.get("citizen", "/me/wallet")["blocks"][0]["id"]
    refused = press(town, "officer", PAGE, f"{PAGE}/blocks/{block}/end")
    assert refused.status_code == 403
    assert "Another officer must do this" in refused.text
    lifted = press(town, "officer-2", PAGE, f"{PAGE}/blocks/{block}/end")
    assert lifted.status_code == 303
    assert "Blocked until" not in shown(town, "citizen", "/me/data")


def test_the_citizen_blocks_by_one_button(town: Recovering) -> None:
    assert press(town, "citizen", "/me/data", "/me/data/block").status_code == 303
    assert "by the person, signed in" in shown(town, "citizen", "/me/data")


def test_two_officers_the_citizen_s_no_and_two_others(town: Recovering) -> None:
    case, email = proposed(town)
    page = shown(town, "officer-2")
    assert town.email in page
    assert email in page
    assert "Confirm: the 72 hours begin" in page
    assert "Confirm: the 72 hours begin" not in shown(town, "officer")
    path = f"{PAGE}/{case}"
    assert press(town, "officer-2", PAGE, f"{path}/confirmation").status_code == 422
    told = {"code": town.code(email)}
    assert "Code that came to the new address" in shown(town, "officer-2")
    assert press(town, "officer-2", PAGE, f"{path}/confirmation", **told).status_code == 303
    own = shown(town, "citizen", "/me/data")
    assert "It wasn't me who asked: stop it" in own.replace("&#39;", "'")
    objection = f"/me/data/recoveries/{case}/objection"
    assert press(town, "citizen", "/me/data", objection).status_code == 303
    assert "stopped by an objection" in shown(town, "citizen", "/me/data")
    assert press(town, "officer", PAGE, path, decision="for").status_code == 403
    for officer in ("officer-3", "officer-4"):
        assert press(town, officer, PAGE, path, decision="against").status_code == 303
    assert "stopped by an objection" not in shown(town, "citizen", "/me/data")


def test_a_device_is_named_on_the_same_form(town: Recovering) -> None:
    said = {
        "known_by": town.email,
        "seen": "card",
        "programme_id": str(town.city.world.programme.id),
        "new_address": "0x" + "1" * 40,
    }
    refused = press(town, "officer", PAGE, PAGE, **said)
    assert refused.status_code == 422
    assert "No device keeps this account" in refused.text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (f"{PAGE}/blocks", {"known_by": "nobody@city.example", "channel": "counter"}),
        (f"{PAGE}/blocks", {"known_by": "", "channel": "counter"}),
        (f"{PAGE}/blocks", {"known_by": "12345678", "channel": "letter"}),
        (f"{PAGE}/blocks/{NOBODYS}/end", {}),
        (PAGE, {"known_by": "nobody@city.example", "seen": "papers", "email": "a@b.example"}),
        (PAGE, {"known_by": "nobody@city.example", "seen": "papers"}),
        (PAGE, {"known_by": "nobody@city.example", "seen": "eyes", "new_address": "0x1"}),
        (f"{PAGE}/{NOBODYS}", {"decision": "confirm"}),
        (f"{PAGE}/{NOBODYS}", {"decision": "maybe"}),
    ],
)
def test_what_makes_no_sense_is_answered_on_the_page(
    town: Recovering, path: str, fields: dict[str, str]
) -> None:
    answer = press(town, "officer", PAGE, path, **fields)
    assert 400 <= answer.status_code < 500
    assert 'id="problem"' in answer.text


def test_taken_back_by_page(town: Recovering) -> None:
    case, _ = proposed(town)
    assert press(town, "officer", PAGE, f"{PAGE}/{case}", decision="withdraw").status_code == 303
    assert town.city.get("officer", "/recoveries")["items"] == []


def test_citizens_and_tills_see_nothing_of_it(town: Recovering) -> None:
    for who in ("citizen", "till", "treasurer"):
        assert browser_of(town, who).get(PAGE).status_code == 403


def test_the_new_mailbox_confirms_it_or_nothing_begins(town: Recovering) -> None:
    email = f"{secrets.token_hex(6)}@elsewhere.example"
    case = town.propose(email)
    path = f"/recoveries/{case}/confirmation"
    right = town.code(email)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    assert town.refused("officer-2", path, {}) == "recovery-code-wrong"
    for _ in range(4):
        assert town.refused("officer-2", path, {"code": wrong}) == "recovery-code-wrong"
    assert town.refused("officer-2", path, {"code": right}) == "recovery-code-worn-out"
    assert town.pay().status_code == 200, "nothing is frozen"
    town.city.post("officer-2", f"/recoveries/{case}/withdrawal")
    again = town.propose(email)
    said = {"code": f"{right[:3]} {right[3:]}"}
    assert town.refused("officer-2", f"/recoveries/{again}/confirmation", said) == (
        "recovery-code-wrong"
    ), "of another case"
    new = town.code(email)
    told = {"code": f"{new[:3]} {new[3:]}"}
    done = town.city.post("officer-2", f"/recoveries/{again}/confirmation", told)
    assert done["email_proved_at"] < done["ready_at"]
    town.age(hours=72)
    assert town.rounds() == 1
    with town.services.database.session() as session:
        owner = identity.person_by_email(session, email)
    assert owner is not None
    assert owner.id == town.city.world.mine.person_id

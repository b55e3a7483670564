"""One's own e-mail address: who may change it, where the code goes, what the one before is told."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from app.context import Application
from app.identity import service as identity
from app.identity.block_models import BlockChannel
from app.identity.blocks import block_of
from app.recovery.blocks import block_wallet
from app.services import Services
from tests.support.someone import Someone, code, last_code, letters
from tests.web.test_confirm_page import Reader

CODE, CHANGE = "/me/address/code", "/me/address"


@pytest.fixture
def someone(services: Services, application: Application) -> Someone:
    """Signed in by a code, and just confirmed."""
    made = Someone(services, application.test_client())
    made.client.environ_base["REMOTE_ADDR"] = f"10.9.{len(letters(services)) % 250}.1"
    made.sign_in_by_code()
    made.step_up_by_code()
    return made


def fresh() -> str:
    return f"{uuid4().hex}@city.example"


def asked(someone: Someone, email: str) -> dict[str, str]:
    """What answers the letter to that address."""
    answer = someone.post(CODE, {"email": email})
    assert answer.status_code == 202, answer.text
    assert letters(someone.services)[-1][0] == email
    told = {"challenge": answer.get_json()["challenge"], "code": last_code(someone.services)}
    return told | {"email": email}


def person_id(someone: Someone) -> str:
    return str(someone.get("/me").get_json()["id"])


def test_a_code_from_the_new_mailbox_moves_the_account_there(someone: Someone) -> None:
    owner, before, email = person_id(someone), someone.email, fresh()
    assert someone.post(CHANGE, asked(someone, email)).status_code == 204
    someone.email = email
    someone.sign_in_by_code()
    assert person_id(someone) == owner
    someone.email = before
    someone.sign_in_by_code()
    assert person_id(someone) != owner, "whoever has the old mailbox begins anew"


def test_the_address_before_is_told_and_can_stop_the_wallet(
    someone: Someone, services: Services, application: Application
) -> None:
    before = someone.email
    someone.post(CHANGE, asked(someone, fresh()))
    assert letters(services)[-1] == (before, "Your address has changed")
    link = re.search(r"/not-me/[\w-]+", someone.newest_text())
    assert link
    page = application.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get(link[0]).text)
    assert token
    assert page.post(link[0], data={"csrf_token": token[1]}).status_code == 200
    assert code(someone.get("/me")) == "sign-in-needed", "whoever did it is out"


def test_without_a_fresh_proof_nothing_is_sent(someone: Someone) -> None:
    someone.sign_in_by_code()
    sent = letters(someone.services)
    assert code(someone.post(CODE, {"email": fresh()})) == "step-up-needed"
    said = {"email": fresh(), "code": "000000", "challenge": str(uuid4())}
    assert code(someone.post(CHANGE, said)) == "step-up-needed"
    assert letters(someone.services) == sent


def test_only_the_code_of_that_mailbox_in_this_session_serves(
    someone: Someone, services: Services, application: Application
) -> None:
    said = asked(someone, fresh())
    wrong = f"{(int(said['code']) + 1) % 1_000_000:06d}"
    assert code(someone.post(CHANGE, said | {"code": wrong})) == "sign-in-code-wrong"
    assert code(someone.post(CHANGE, said | {"email": fresh()})) == "sign-in-code-wrong"
    thief = Someone(services, application.test_client())
    thief.client.environ_base["REMOTE_ADDR"] = "10.8.1.1"
    thief.sign_in_by_code()
    thief.step_up_by_code()
    assert code(thief.post(CHANGE, said)) == "sign-in-code-wrong"
    assert someone.post(CHANGE, said).status_code == 204
    assert code(someone.post(CHANGE, said)) == "sign-in-code-wrong", "it serves once"


def test_whose_address_it_is_shows_only_in_its_mailbox(
    someone: Someone, services: Services, application: Application
) -> None:
    other = Someone(services, application.test_client())
    other.client.environ_base["REMOTE_ADDR"] = "10.8.2.1"
    other.sign_in_by_code()
    said = asked(someone, other.email)  # as for an address that nobody has
    answer = someone.post(CHANGE, said)
    assert (answer.status_code, code(answer)) == (409, "email-of-another")
    assert code(someone.post(CODE, {"email": someone.email})) == "email-same"
    assert code(someone.post(CODE, {"email": "nothing"})) == "invalid"


def test_who_blocked_the_wallet_has_no_address_changed(
    someone: Someone, services: Services
) -> None:
    said = asked(someone, fresh())
    with services.database.transaction() as session:
        found = identity.person_by_email(session, someone.email)
        assert found
        now = services.clock.now(session)
        block_wallet(session, found.id, channel=BlockChannel.COUNTER, by=uuid4(), now=now)
        assert block_of(session, found.id, now)
    assert code(someone.post(CHANGE, said)) == "wallet-blocked"


def test_the_page_leads_over_the_proof_and_says_what_is_wrong(
    someone: Someone, application: Application
) -> None:
    someone.sign_in_by_code()
    reader, email = Reader(someone, application.test_client()), fresh()
    led = reader.get("/me/address")
    assert reader.confirm(reader.get(led.location).text).location == "/me/address"
    page = reader.get("/me/address").text
    assert someone.email in page
    typed = reader.press(page, "/me/address/code", email="no address")
    assert (typed.status_code, 'value="no address"' in typed.text) == (422, True)
    sent = reader.press(page, "/me/address/code", email=email)
    wrong = reader.press(sent.text, "/me/address", code="12")
    assert (wrong.status_code, email in wrong.text) == (403, True)
    done = reader.press(wrong.text, "/me/address", code=last_code(someone.services))
    assert (done.status_code, done.location) == (303, "/me/data")
    assert email in reader.get("/me/data").text

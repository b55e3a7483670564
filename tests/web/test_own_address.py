"""A first e-mail address of one's own: who may enter it, and where the code goes."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from app.context import Application
from app.identity import service as identity
from app.identity.block_models import BlockChannel
from app.identity.models import IdentityLevel
from app.identity.sessions import prove
from app.recovery.blocks import block_wallet
from app.services import Services
from tests.support.someone import Someone, code, last_code, letters
from tests.web.test_confirm_page import Reader

CODE, ENTER = "/me/address/code", "/me/address"


@pytest.fixture
def someone(services: Services, application: Application) -> Someone:
    """Without an address, and just confirmed, as who came by a provider."""
    made = Someone(services, application.test_client(), email="")
    with services.database.transaction() as session:
        now = services.clock.now(session)
        person = identity.register_person(session, None, level=IdentityLevel.CARD, now=now)
        token = identity.open_session(session, person.id, "api", now)
        live = identity.find_session(session, token, now)
        assert live
        made.token = prove(session, live.id, now)
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


def another(services: Services, application: Application, address: str) -> Someone:
    """Who has an address, and has just confirmed."""
    made = Someone(services, application.test_client())
    made.client.environ_base["REMOTE_ADDR"] = address
    made.sign_in_by_code()
    made.step_up_by_code()
    return made


def test_the_code_from_the_mailbox_makes_it_theirs(someone: Someone) -> None:
    owner, email = person_id(someone), fresh()
    assert someone.post(ENTER, asked(someone, email)).status_code == 204
    someone.email = email
    someone.client.environ_base["REMOTE_ADDR"] = "10.9.1.1"
    someone.sign_in_by_code()
    assert person_id(someone) == owner


def test_one_that_is_known_changes_at_the_counter(
    services: Services, application: Application
) -> None:
    """Whoever has a telephone with its mailbox for an hour does not take the account along."""
    thief = another(services, application, "10.9.1.2")
    sent = letters(services)
    assert code(thief.post(CODE, {"email": fresh()})) == "email-at-counter"
    said = {"email": fresh(), "code": "000000", "challenge": str(uuid4())}
    assert code(thief.post(ENTER, said)) == "email-at-counter"
    assert letters(services) == sent


def test_without_a_fresh_proof_nothing_is_sent(services: Services, someone: Someone) -> None:
    sent = letters(services)
    with services.database.transaction() as session:
        services.clock.move(session, seconds=300)
    assert code(someone.post(CODE, {"email": fresh()})) == "step-up-needed"
    said = {"email": fresh(), "code": "000000", "challenge": str(uuid4())}
    assert code(someone.post(ENTER, said)) == "step-up-needed"
    with services.database.transaction() as session:
        services.clock.move(session, seconds=-300)
    assert letters(services) == sent


def test_only_the_code_of_that_mailbox_in_this_session_serves(
    someone: Someone, services: Services
) -> None:
    said = asked(someone, fresh())
    wrong = f"{(int(said['code']) + 1) % 1_000_000:06d}"
    assert code(someone.post(ENTER, said | {"code": wrong})) == "sign-in-code-wrong"
    assert code(someone.post(ENTER, said | {"email": fresh()})) == "sign-in-code-wrong"
    own = person_id(someone)
    with services.database.transaction() as session:  # another session of the same person
        now = services.clock.now(session)
        token = identity.open_session(session, UUID(own), "api", now)
        live = identity.find_session(session, token, now)
        assert live
        elsewhere = prove(session, live.id, now)
    here, someone.token = someone.token, elsewhere
    assert code(someone.post(ENTER, said)) == "sign-in-code-wrong"
    someone.token = here
    assert someone.post(ENTER, said).status_code == 204


def test_whose_address_it_is_shows_only_in_its_mailbox(
    someone: Someone, services: Services, application: Application
) -> None:
    other = another(services, application, "10.9.1.3")
    said = asked(someone, other.email)  # as for an address that nobody has
    answer = someone.post(ENTER, said)
    assert (answer.status_code, code(answer)) == (409, "email-of-another")
    assert code(someone.post(CODE, {"email": "nothing"})) == "invalid"


def test_while_the_wallet_is_blocked_none_is_entered(someone: Someone, services: Services) -> None:
    said, person = asked(someone, fresh()), UUID(person_id(someone))
    with services.database.transaction() as session:
        now = services.clock.now(session)
        block_wallet(session, person, channel=BlockChannel.COUNTER, by=uuid4(), now=now)
    assert code(someone.post(ENTER, said)) == "wallet-blocked"


def test_the_page_says_what_is_wrong(someone: Someone, application: Application) -> None:
    reader, email = Reader(someone, application.test_client()), fresh()
    page = reader.get("/me/address").text
    typed = reader.press(page, "/me/address/code", email="no address")
    assert (typed.status_code, 'value="no address"' in typed.text) == (422, True)
    sent = reader.press(page, "/me/address/code", email=email)
    wrong = reader.press(sent.text, "/me/address", code="12")
    assert (wrong.status_code, email in wrong.text) == (403, True)
    done = reader.press(wrong.text, "/me/address", code=last_code(someone.services))
    assert (done.status_code, done.location) == (303, "/me/data")
    assert email in reader.get("/me/data").text

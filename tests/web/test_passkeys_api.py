"""Passkeys by program: added after a fresh proof, sign in, confirm, removed; every lie refused."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from app.context import Application
from app.services import Services
from tests.support.authenticator import Device, raw, text
from tests.support.someone import Someone, code, letters, refused, with_passkey


@pytest.fixture
def someone(services: Services, application: Application) -> Someone:
    return with_passkey(services, application.test_client())


@pytest.fixture
def other(services: Services, application: Application) -> Someone:
    return with_passkey(services, application.test_client())


def test_a_passkey_signs_in_without_an_address(someone: Someone) -> None:
    person = someone.get("/me").get_json()["id"]
    _, options = someone.asked("/sign-in/passkey")
    assert (options["rpId"], options["userVerification"]) == ("localhost", "required")
    assert options["allowCredentials"] == [], "nobody is named"
    before = someone.token
    answer = someone.sign_in()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert someone.token != before
    assert someone.get("/me").get_json()["id"] == person
    [listed] = someone.passkeys()
    assert listed["name"] == "telephone"
    assert listed["last_used_at"]
    assert not any(one in json.dumps(listed) for one in ("public", "credential"))


def test_open_pages_leave_the_button_its_tries(someone: Someone) -> None:
    def left(path: str) -> int:
        answer = someone.post(f"/sign-in/passkey/{path}")
        assert answer.status_code == 200
        return int(answer.headers["RateLimit"].partition("r=")[2].partition(";")[0])

    before = left("challenge")
    assert left("offer") == left("offer") + 1
    assert left("challenge") == before - 1


def test_the_person_reads_of_a_passkey_added_and_removed(
    someone: Someone, services: Services
) -> None:
    [listed] = someone.passkeys()
    assert someone.post(f"/me/passkeys/{listed['id']}/removal").status_code == 204
    own = [subject for to, subject in letters(services) if to == someone.email]
    assert own[-2:] == ["A passkey was added", "A passkey was removed"]
    assert someone.passkeys() == []
    assert refused(someone.sign_in()), "a removed one signs nobody in"
    assert code(someone.post("/me/step-up/passkey/challenge")) == "passkey-none"


def test_nobody_removes_or_uses_anothers(someone: Someone, other: Someone) -> None:
    [theirs] = other.passkeys()
    assert someone.post(f"/me/passkeys/{theirs['id']}/removal").status_code == 404
    challenge, options = someone.asked("/me/step-up/passkey")
    said = {"challenge": challenge, "credential": other.device.get(options)}
    assert refused(someone.post("/me/step-up/passkey", said))


def test_an_answer_serves_once(someone: Someone) -> None:
    said = someone.answered("/sign-in/passkey")
    assert someone.post("/sign-in/passkey", said).status_code == 200
    assert refused(someone.post("/sign-in/passkey", said))


def test_a_wrong_answer_uses_up_its_question(someone: Someone) -> None:
    challenge, options = someone.asked("/sign-in/passkey")
    assert refused(someone.post("/sign-in/passkey", {"challenge": challenge, "credential": {}}))
    said = {"challenge": challenge, "credential": someone.device.get(options)}
    assert refused(someone.post("/sign-in/passkey", said))


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("origin", "https://localhost:8000"),
        ("origin", "http://localhost:8001"),
        ("origin", "http://evil.example"),
        ("rp_id", "evil.example"),
        ("verifies", False),
        ("handle", b"somebody else"),
        ("credential_id", b"unknown"),
    ],
)
def test_what_the_device_must_not_say(someone: Someone, attribute: str, value: Any) -> None:
    true = getattr(someone.device, attribute)
    setattr(someone.device, attribute, value)
    assert refused(someone.sign_in())
    assert refused(someone.step_up())
    setattr(someone.device, attribute, true)
    assert someone.sign_in().status_code == 200, "what was refused did no harm"


@pytest.mark.parametrize("part", ["signature", "authenticatorData", "clientDataJSON"])
def test_an_altered_answer_is_refused(someone: Someone, part: str) -> None:
    said = someone.answered("/sign-in/passkey")
    response = said["credential"]["response"]
    flipped = bytearray(raw(response[part]))
    flipped[-1] ^= 1
    response[part] = text(bytes(flipped))
    assert refused(someone.post("/sign-in/passkey", said))


def test_an_answer_serves_its_own_purpose_and_session_only(
    someone: Someone, other: Someone
) -> None:
    to_confirm = someone.answered("/me/step-up/passkey")
    assert refused(someone.post("/sign-in/passkey", to_confirm))
    to_sign_in = someone.answered("/sign-in/passkey")
    assert refused(someone.post("/me/step-up/passkey", to_sign_in))
    mine = someone.answered("/me/step-up/passkey")
    here = someone.token
    someone.sign_in_by_code()  # another session of the same person
    assert refused(someone.post("/me/step-up/passkey", mine))
    someone.token = here
    assert someone.renewed(someone.post("/me/step-up/passkey", mine)).status_code == 200
    challenge, options = other.asked("/me/passkeys")
    made = {"challenge": challenge, "credential": Device().create(options), "name": "x"}
    assert refused(someone.post("/me/passkeys", made)), "a passkey made for another session"


def test_a_question_is_answered_within_five_minutes(someone: Someone, services: Services) -> None:
    said = someone.answered("/sign-in/passkey")
    with services.database.transaction() as session:
        services.clock.move(session, seconds=300)
    try:
        assert refused(someone.post("/sign-in/passkey", said))
        assert someone.sign_in().status_code == 200
    finally:
        with services.database.transaction() as session:
            services.clock.move(session, seconds=-300)


def test_a_count_that_goes_back_blocks_the_passkey_and_what_it_opened(
    someone: Someone, services: Services
) -> None:
    someone.sign_in()
    someone.device.count -= 1  # its copy signed meanwhile
    assert code(someone.post("/sign-in/passkey", someone.answered("/sign-in/passkey"))) == (
        "passkey-cloned"
    )
    assert letters(services)[-1] == (someone.email, "A passkey is blocked")
    someone.device.count += 10
    assert refused(someone.sign_in()), "neither is believed any more"
    assert code(someone.post("/me/passkeys/challenge")) == "step-up-needed"
    assert someone.passkeys()[0]["cloned_at"]


def test_a_device_that_counts_nothing_is_believed(someone: Someone) -> None:
    """Synchronised passkeys have no count: it is always 0."""
    someone.step_up()
    device = someone.device = Device()
    assert someone.add("laptop").status_code == 201
    for _ in range(2):
        device.count = -1
        assert someone.sign_in().status_code == 200


def test_the_same_passkey_is_not_added_twice(someone: Someone, other: Someone) -> None:
    other.device = someone.device
    for person in (someone, other):
        assert person.step_up_by_code().status_code == 200
        _, options = person.asked("/me/passkeys")
        known = [one["id"] for one in options["excludeCredentials"]]
        assert (text(someone.device.credential_id) in known) == (person is someone)
        assert (person.add().status_code, code(person.add())) == (409, "passkey-known")


@pytest.mark.parametrize(("attribute", "value"), [("verifies", False), ("origin", "http://x.y")])
def test_no_passkey_is_made_elsewhere_or_unverified(
    someone: Someone, attribute: str, value: Any
) -> None:
    someone.device = Device()
    setattr(someone.device, attribute, value)
    assert refused(someone.add())


BROKEN: list[Any] = [
    {},
    {"id": 1},
    {"id": "", "rawId": "", "type": "public-key", "response": {}},
    {"id": "é", "response": {"userHandle": 1}},
    {"id": "AA", "rawId": "AA", "type": "public-key", "response": []},
    {"id": "AA", "rawId": "AA", "type": "other", "response": {"clientDataJSON": "AA"}},
    {
        "id": "AA",
        "rawId": "AA",
        "type": "public-key",
        "response": {"clientDataJSON": "e30", "attestationObject": "gA", "signature": "AA"},
    },
]


@pytest.mark.parametrize("answer", BROKEN)
def test_whatever_a_stranger_sends_is_refused_in_words(someone: Someone, answer: Any) -> None:
    for path in ("/sign-in/passkey", "/me/step-up/passkey"):
        challenge, _ = someone.asked(path)
        assert refused(someone.post(path, {"challenge": challenge, "credential": answer}))
    challenge, _ = someone.asked("/me/passkeys")
    said = {"challenge": challenge, "credential": answer, "name": "x"}
    assert refused(someone.post("/me/passkeys", said))


def test_a_key_on_no_curve_is_refused_when_it_is_added(someone: Someone) -> None:
    someone.device = Device()
    cose = someone.device._cose()
    someone.device._cose = lambda: cose | {-3: bytes(32)}  # type: ignore[method-assign]
    assert refused(someone.add())


def test_the_same_addition_sent_again_adds_once(someone: Someone) -> None:
    someone.device, key = Device(), str(uuid4())
    challenge, options = someone.asked("/me/passkeys")
    said = {"challenge": challenge, "credential": someone.device.create(options), "name": "two"}
    first, again = (someone.post("/me/passkeys", said, key=key) for _ in range(2))
    assert first.get_json() == again.get_json()
    assert [one["name"] for one in someone.passkeys()] == ["telephone", "two"]

"""The page that asks for a proof leads back, keeps the form, and changes the session's token."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.context import Application
from app.services import Services
from tests.support.signer import write_deployment
from tests.support.someone import Someone, last_code, with_passkey

ENGLISH = {"Accept-Language": "en"}


def fields(page: str, action: str) -> dict[str, str]:
    """What the hidden fields of the form to this address hold."""
    found = re.search(rf'<form method="post" action="{re.escape(action)}".*?</form>', page, re.S)
    assert found, page
    pairs = re.findall(r'name="([^"]+)" value="([^"]*)"', found[0])
    return {name: unescape(text) for name, text in pairs}


class Reader:
    """Somebody's browser; `token` is its session's."""

    def __init__(self, someone: Someone, browser: FlaskClient) -> None:
        self.someone, self.browser = someone, browser
        browser.set_cookie("civis", someone.token)

    @property
    def token(self) -> str:
        cookie = self.browser.get_cookie("civis")
        assert cookie
        return cookie.value

    def get(self, path: str) -> TestResponse:
        return self.browser.get(path, headers=ENGLISH)

    def press(self, page: str, action: str, **typed: str) -> TestResponse:
        return self.browser.post(action, data=fields(page, action) | typed, headers=ENGLISH)

    def confirm(self, page: str) -> TestResponse:
        """By a code, from the page that asks for a proof."""
        sent = self.press(page, "/confirm/code")
        assert sent.status_code == 200, sent.text
        return self.press(sent.text, "/confirm", code=last_code(self.someone.services))


@pytest.fixture
def reader(services: Services, application: Application) -> Reader:
    write_deployment(services.settings)
    someone = with_passkey(services, application.test_client())
    someone.sign_in_by_code()
    return Reader(someone, application.test_client())


def test_a_page_that_needs_a_proof_comes_after_it(reader: Reader) -> None:
    led = reader.get("/me/passkeys/new")
    assert (led.status_code, led.location) == (302, "/confirm?next=%2Fme%2Fpasskeys%2Fnew")
    before, done = reader.token, reader.confirm(reader.get(led.location).text)
    assert (done.status_code, done.location) == (303, "/me/passkeys/new")
    assert reader.token != before
    assert reader.get("/me/passkeys/new").status_code == 200
    reader.browser.set_cookie("civis", before)
    assert reader.get("/me/data").status_code == 302, "the token of before opens nothing"


def test_a_form_is_kept_and_goes_on(reader: Reader) -> None:
    [passkey] = reader.someone.passkeys()
    path = f"/me/passkeys/{passkey['id']}/removal"
    asked = reader.press(reader.get("/me/data").text, path)
    assert asked.status_code == 403
    assert "Confirm that it is you" in asked.text
    assert len(reader.someone.passkeys()) == 1
    going_on = reader.confirm(asked.text)
    assert (going_on.status_code, "Go on" in going_on.text) == (200, True)
    done = reader.press(going_on.text, path)
    assert (done.status_code, done.location) == (303, "/me/data#passkeys")
    reader.someone.token = reader.token
    assert reader.someone.passkeys() == []


def test_a_wrong_code_keeps_the_form_too(reader: Reader) -> None:
    asked = reader.press(reader.get("/me/data").text, "/me/data/export")
    sent = reader.press(asked.text, "/confirm/code")
    wrong = reader.press(sent.text, "/confirm", code="nonsense")
    assert (wrong.status_code, "The code is wrong" in wrong.text) == (403, True)
    right = reader.press(wrong.text, "/confirm", code=last_code(reader.someone.services))
    done = reader.press(right.text, "/me/data/export")
    with ZipFile(BytesIO(done.data)) as archive:
        assert b"telephone" in archive.read("passkeys.json")


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_nobody_is_led_elsewhere(reader: Reader, target: str) -> None:
    page = reader.get(f"/confirm?next={target}").text
    assert "evil" not in fields(page, "/confirm/code")["kept"]
    assert reader.confirm(page).location == "/me"


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "[]",
        "{",
        "[" * 5000,
        '{"path": "//evil.example/x", "fields": [["a", "b"]]}',
        '{"path": "https://evil.example/", "fields": null}',
        '{"path": 3, "fields": 4}',
    ],
)
def test_what_is_kept_and_none_of_ours_leads_home(reader: Reader, kept: str) -> None:
    page = reader.get("/confirm").text
    sent = reader.press(page, "/confirm/code", kept=kept)
    done = reader.press(sent.text, "/confirm", kept=kept, code=last_code(reader.someone.services))
    assert (done.status_code, done.location) == (303, "/me")


def test_a_planted_session_is_not_the_one_that_is_signed_in(
    reader: Reader, application: Application
) -> None:
    """Fixation: what lay in the browser before signing in opens nothing of who signs in."""
    victim, planted = application.test_client(), reader.token
    victim.environ_base["REMOTE_ADDR"] = "10.6.0.1"
    victim.set_cookie("civis", planted)
    page = victim.get("/sign-in", headers=ENGLISH).text
    form = fields(page, "/sign-in/code") | {"email": "victim@city.example"}
    sent = victim.post("/sign-in/code", data=form).text
    typed = fields(sent, "/sign-in") | {"code": last_code(reader.someone.services)}
    assert victim.post("/sign-in", data=typed).status_code == 303
    cookie = victim.get_cookie("civis")
    assert cookie
    assert cookie.value != planted
    assert "victim@city.example" in victim.get("/me/data").text
    assert reader.get("/me/data").status_code == 302, "the planted one has ended"


def test_a_passkey_that_answers_nothing_is_a_sentence(reader: Reader) -> None:
    page = reader.get("/confirm").text
    for answer in ("", "[]", "{}", "{" * 2000, '{"id": 1}'):
        refused = reader.press(page, "/confirm/passkey", credential=answer, challenge="x")
        assert (refused.status_code, "The passkey was not accepted" in refused.text) == (403, True)
    refused = reader.press(reader.get("/sign-in").text, "/sign-in/passkey", credential="{}")
    assert (refused.status_code, "The passkey was not accepted" in refused.text) == (403, True)

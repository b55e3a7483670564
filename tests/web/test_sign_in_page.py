"""The page where the code is typed counts tries, and says no word of whether somebody is known."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from app.context import Application
from app.identity import service as identity
from app.identity.models import IdentityLevel
from app.identity.sign_in import CODE_TRIES
from app.services import Services
from tests.support.signer import write_deployment
from tests.support.statements import counted
from tests.web.test_identity_api import mailed_code

EMAIL, CHANGING = (
    "reader@city.example",
    re.compile(r'value="[\w-]{32}"|nonce="[^"]+"|[A-Z0-9]{5}-[A-Z0-9]{5}'),
)


@pytest.fixture
def browser(application: Application, services: Services) -> Iterator[FlaskClient]:
    write_deployment(services.settings)
    with application.test_client() as client:
        yield client


def send(browser: FlaskClient, path: str, **fields: str) -> str:
    if not (found := re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/sign-in").text)):
        raise AssertionError("no form token")
    data = {"email": EMAIL, "csrf_token": found[1], **fields}
    answer = browser.post(path, data=data, headers={"Accept-Language": "en"})
    return CHANGING.sub("*", answer.text)


def told(page: str) -> list[str]:
    return re.findall(r"([0-9]+|No) (?:try is|tries are) left", page)


def story(browser: FlaskClient, email: str) -> list[str]:
    """Every page from the code's request to one try too many."""
    pages = [send(browser, "/sign-in/code", email=email)]
    pages += [send(browser, "/sign-in", email=email, code="no") for _ in range(CODE_TRIES + 1)]
    return [page.replace(email, EMAIL) for page in pages]


def test_a_known_and_an_unknown_address_read_the_same(
    application: Application, browser: FlaskClient, services: Services
) -> None:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        identity.register_person(session, EMAIL, level=IdentityLevel.CONTACT, now=now)
    known = story(browser, EMAIL)
    with application.test_client() as other:
        unknown = story(other, f"{uuid4().hex}@city.example")
    assert known == unknown
    assert [told(page) for page in known] == [[], ["4"], ["3"], ["2"], ["1"], ["No"], ["No"]]


def test_a_known_and_an_unknown_address_cost_the_same_work(
    application: Application, services: Services
) -> None:
    """Statements in their order, keyed hashes, sealed letters: what a clock could tell apart."""
    known, unknown = f"{uuid4().hex}@city.example", f"{uuid4().hex}@city.example"
    with services.database.transaction() as session:
        now = services.clock.now(session)
        identity.register_person(session, known, level=IdentityLevel.CONTACT, now=now)
    write_deployment(services.settings)
    with application.test_client() as first:
        _work(first, services, f"{uuid4().hex}@city.example")  # what is made once
    worked = []
    for email in (known, unknown):
        with application.test_client() as client:
            worked.append(_work(client, services, email))
    assert worked[0] == worked[1]
    statements, hashes, letters = worked[0]
    assert statements
    assert hashes > CODE_TRIES
    assert letters == 1


def _work(browser: FlaskClient, services: Services, email: str) -> tuple[list[str], int, int]:
    """From the code's request to one try too many."""
    hashes, real = list[None](), hmac.digest

    def digest(*given: Any) -> bytes:
        hashes.append(None)
        return real(*given)

    with (
        counted(services.database.engine) as (statements, _),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(hmac, "digest", digest)
        story(browser, email)
    letters = sum(one.lower().startswith("insert into outgoing_mail") for one in statements)
    return statements, len(hashes), letters


def test_nothing_stored_shows_in_a_browser_that_asked_for_no_code(
    application: Application, browser: FlaskClient
) -> None:
    send(browser, "/sign-in/code")
    with application.test_client() as stranger:
        asked = send(stranger, "/sign-in", code="000000")
        unasked = send(stranger, "/sign-in", code="000000", email="other@city.example")
    assert (told(asked), told(unasked)) == ([], [])
    assert asked == unasked.replace("other@city.example", EMAIL)


def test_a_stranger_can_t_keep_somebody_from_signing_in(
    application: Application, browser: FlaskClient, services: Services
) -> None:
    send(browser, "/sign-in/code")
    code = mailed_code(services)
    stranger = application.test_client()
    for _ in range(CODE_TRIES + 1):
        send(stranger, "/sign-in", code="000000")
    send(stranger, "/sign-in/code")
    send(stranger, "/sign-in", code=code)
    assert stranger.get_cookie("civis") is None
    send(browser, "/sign-in", code=code)
    assert browser.get_cookie("civis")


def test_a_sign_in_with_a_broken_target_goes_home(browser: FlaskClient, services: Services) -> None:
    token = re.search(
        r'name="csrf_token" value="([^"]+)"', browser.get("/sign-in?next=/%0d%0aX").text
    )
    assert token
    form = {"email": f"{uuid4().hex}@city.example", "csrf_token": token[1]}
    browser.post("/sign-in/code", data=form)
    answer = browser.post("/sign-in", data=form | {"code": mailed_code(services)})
    assert (answer.status_code, answer.location) == (303, "/me")


def test_a_new_code_has_all_its_tries(browser: FlaskClient) -> None:
    story(browser, EMAIL)
    send(browser, "/sign-in/code")
    assert told(send(browser, "/sign-in", code="000000")) == ["4"]

"""A provider's word that is not quite right opens nothing (RFC 8725, OpenID Connect Core 1.0)."""

from __future__ import annotations

import base64
import dataclasses
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OctKey

from app.application import build
from app.context import Application
from app.openid_config import Profile
from app.services import Services
from tests.support.openid import PUBLIC, SECRET, Liar, another_key, running_liar, visitor


@pytest.fixture
def liar() -> Iterator[Liar]:
    with running_liar() as made:
        yield made


@pytest.fixture(scope="module")
def site(services: Services) -> Application:
    return build(parts=services)


def _browser(site: Application, services: Services, liar: Liar) -> FlaskClient:
    """Each test has a provider of its own; the routes are the same."""
    settings = dataclasses.replace(services.settings, openid=liar.settings, public_url=PUBLIC)
    site.extensions["civis"] = dataclasses.replace(services, settings=settings)
    return visitor(site)


@pytest.fixture
def browser(site: Application, services: Services, liar: Liar) -> FlaskClient:
    return _browser(site, services, liar)


def test_the_truth_is_believed(liar: Liar, browser: FlaskClient) -> None:
    """Else the refusals below would prove nothing."""
    assert liar.comes_back(browser).status_code == 303
    assert browser.get_cookie("civis")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://localhost:1"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": ["civis", "another-client"]},
        {"aud": ["civis", "another-client"], "azp": "another-client"},
        {"aud": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "somebody-else"},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"iat": int(time.time()) + 86_400},
        {"nbf": int(time.time()) + 86_400},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"exp": "soon"},
    ],
    ids=lambda claims: "-".join(f"{k}" for k in claims),
)
def test_a_wrong_claim_is_refused(liar: Liar, browser: FlaskClient, claims: dict[str, Any]) -> None:
    liar.claims = claims
    assert liar.comes_back(browser).status_code == 403
    assert browser.get_cookie("civis") is None


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _joined(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))


def _unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return _joined({**header, "alg": "none"}, claims) + "."


def _with_shared_secret(header: dict[str, Any], claims: dict[str, Any]) -> str:
    key = OctKey.import_key(SECRET)
    return jwt.encode({**header, "alg": "HS256"}, claims, key, algorithms=["HS256"])


def _with_another_key(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return jwt.encode({**header, "alg": "ES256"}, claims, another_key())


def _garbage(_header: dict[str, Any], _claims: dict[str, Any]) -> str:
    return "not.a.token"


@pytest.mark.parametrize(
    "sign", [_unsigned, _with_shared_secret, _with_another_key, _garbage], ids=lambda f: f.__name__
)
def test_a_wrong_signature_is_refused(
    liar: Liar, browser: FlaskClient, sign: Callable[[dict[str, Any], dict[str, Any]], str]
) -> None:
    liar.sign = sign
    assert liar.comes_back(browser).status_code == 403


def test_the_public_key_is_no_shared_secret(liar: Liar, browser: FlaskClient) -> None:
    """The classic confusion: RS256's public key taken for HS256's key."""
    pem = liar.key.as_pem(private=False)

    def sign(header: dict[str, Any], claims: dict[str, Any]) -> str:
        body = _joined({**header, "alg": "HS256"}, claims)
        return f"{body}.{_base64(hmac.digest(pem, body.encode(), 'sha256'))}"

    liar.sign = sign
    assert liar.comes_back(browser).status_code == 403


def test_a_token_of_another_kind_is_refused(liar: Liar, browser: FlaskClient) -> None:
    liar.header = {"typ": "logout+jwt"}
    assert liar.comes_back(browser).status_code == 403


def test_a_page_of_another_person_is_refused(liar: Liar, browser: FlaskClient) -> None:
    liar.userinfo = {"sub": "somebody-else"}
    assert liar.comes_back(browser).status_code == 403


def test_an_address_that_nobody_verified_is_not_taken(liar: Liar, browser: FlaskClient) -> None:
    liar.userinfo = {"email": "mine@city.example", "email_verified": "true"}
    assert liar.comes_back(browser).status_code == 303
    assert "mine@city.example" not in browser.get("/me/data").text


@pytest.mark.parametrize("said", [None, True, "now", 1, 2**40], ids=str)
def test_an_old_sign_in_proves_nothing_afresh(
    liar: Liar, browser: FlaskClient, said: object
) -> None:
    liar.claims = {"auth_time": said, "sub": f"without-address-{said}"}
    liar.userinfo = {"sub": liar.claims["sub"]}
    assert liar.comes_back(browser).status_code == 303
    assert browser.get("/me/address").status_code == 302
    liar.claims["auth_time"] = int(time.time())
    assert liar.comes_back(browser).status_code == 303
    assert browser.get("/me/address").status_code == 200


@pytest.mark.parametrize("acr", [None, "", "weak"])
def test_franceconnect_must_have_asked_for_a_level(
    site: Application, services: Services, liar: Liar, acr: str | None
) -> None:
    liar.settings = dataclasses.replace(liar.settings, profile=Profile.FRANCECONNECT)
    liar.claims = {"acr": acr}
    assert liar.comes_back(_browser(site, services, liar)).status_code == 403


PIVOT = {"family_name": "Martin", "given_name": "Ada", "birthdate": "1980-02-29"}


@pytest.mark.parametrize("missing", PIVOT)
def test_a_pivot_identity_is_whole_or_none(
    site: Application, services: Services, liar: Liar, missing: str
) -> None:
    liar.settings = dataclasses.replace(liar.settings, profile=Profile.FRANCECONNECT)
    browser = _browser(site, services, liar)
    for wrong in (
        {k: v for k, v in PIVOT.items() if k != missing},
        {**PIVOT, missing: None},
        {**PIVOT, missing: ""},
    ):
        liar.userinfo = wrong
        assert liar.comes_back(browser).status_code == 403
    liar.userinfo = {**PIVOT, "given_name": missing}  # a person for each: nobody is here twice
    assert liar.comes_back(browser).status_code == 303


def test_a_day_that_is_none_is_no_birthday(
    site: Application, services: Services, liar: Liar
) -> None:
    liar.settings = dataclasses.replace(liar.settings, profile=Profile.FRANCECONNECT)
    liar.userinfo = {**PIVOT, "birthdate": "1980-02-30"}
    assert liar.comes_back(_browser(site, services, liar)).status_code == 403


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys", "/me"])
@pytest.mark.parametrize("said", ["<html>", "[]", "{}", '{"keys": 1}'])
def test_an_answer_that_is_none_breaks_nothing(
    site: Application, services: Services, liar: Liar, path: str, said: str
) -> None:
    browser, liar.instead = _browser(site, services, liar), {path: said}
    first = path.startswith("/.")  # is read before anybody is sent there
    answer = browser.get("/sign-in/openid") if first else liar.comes_back(browser)
    assert answer.status_code in {403, 503}, answer.text
    assert "sign-in/code" in answer.text


def test_a_provider_that_is_away_is_said_so(
    site: Application, services: Services, liar: Liar
) -> None:
    liar.settings = dataclasses.replace(liar.settings, issuer="http://127.0.0.1:1")
    answer = _browser(site, services, liar).get("/sign-in/openid")
    assert (answer.status_code, "sign-in/code" in answer.text) == (503, True)

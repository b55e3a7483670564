"""Every page and every answer, as a city serves it (https): headers, cookies, markup.

Each GET route is asked by somebody who may and by nobody, errors and redirects included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.application import build
from app.services import Services
from tests.rules.route_list import COMMITTED
from tests.support import belongings
from tests.support.belongings import Belongings
from tests.support.page_reading import PageReader
from tests.support.signer import write_deployment
from tests.support.strangers import DEVICE, NOBODY, arguments, filled, strangers

SITE = "https://civis.example"
ROUTES = [tuple(line.split()[:3]) for line in COMMITTED.read_text(encoding="utf-8").splitlines()]
READS = [(rule, auth) for rule, method, auth in ROUTES if method == "GET"]
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}
POLICY = {
    "default-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
    "style-src 'self'",
}
OWNER = "owner"
"""The one whose objects they are, or who works where they are."""


@dataclass
class Seen:
    rule: str
    who: str
    answer: TestResponse

    def __str__(self) -> str:
        return f"{self.rule} for {self.who}: {self.answer.status_code}"


@pytest.fixture(scope="module")
def seen(services: Services) -> list[Seen]:
    """All the answers; fetched once."""
    write_deployment(services.settings)
    owned = belongings.made(services)
    settings = replace(services.settings, public_url=SITE)
    app = build(parts=replace(services, settings=settings))
    tokens = strangers(app, services).tokens
    found = []
    for rule, auth in READS:
        who = "citizen" if auth in {"public", "signed-in"} else auth.split(",")[0]
        asking = {who: tokens[who], NOBODY: None}
        if token := owned.tokens.get(who):
            asking[OWNER] = token
        for path in _paths(rule, owned):
            for one, held in asking.items():
                found.append(Seen(rule, one, _get(app.test_client(), path, held)))
    return found


def _paths(rule: str, owned: Belongings) -> list[str]:
    """Of each object that the route may name."""
    return [
        filled(rule, argument, value)
        for argument in arguments(rule)
        for value in owned.of[argument]
    ] or [rule]


def _get(client: FlaskClient, path: str, token: str | None) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"} if token and path.startswith("/api/") else {}
    if token and not headers:
        client.set_cookie("__Host-civis", token, domain="civis.example", secure=True)
    return client.get(f"{path}?lang=en", base_url=SITE, headers=headers)


def test_all_are_asked(seen: list[Seen]) -> None:
    served = [one for one in seen if one.answer.status_code == 200]
    assert len(seen) > 2 * len(READS)
    assert len(served) > 130
    assert {one.who for one in served} >= {"citizen", "officer", "merchant", DEVICE, NOBODY}
    assert [str(one) for one in seen if one.answer.status_code >= 500] == []


def test_every_answer_carries_the_headers_that_protect_browsers(seen: list[Seen]) -> None:
    for one in seen:
        headers = one.answer.headers
        assert {name: headers.get(name) for name in HEADERS} == HEADERS, str(one)
        rules = set(headers["Content-Security-Policy"].split("; "))
        assert rules >= POLICY, str(one)
        assert "unsafe" not in headers["Content-Security-Policy"], str(one)
        assert not {"X-Powered-By", "Access-Control-Allow-Origin"} & set(headers.keys()), str(one)


def test_no_page_needs_what_the_policy_forbids(seen: list[Seen]) -> None:
    """What people typed included: labels, objections, names of devices."""
    pages = [one for one in seen if one.answer.mimetype == "text/html"]
    assert len(pages) > 80
    hostile = [one for one in pages if "onerror=alert(1)" in one.answer.text]
    assert {one.who for one in hostile} >= {OWNER, "officer"}
    assert [str(one) for one in pages if "{{7*7}}" not in one.answer.text and one in hostile] == []
    for one in pages:
        page = PageReader(one.answer.text)
        assert page.inline == [], str(one)
        assert page.odd_schemes() == [], str(one)


def test_no_address_on_a_page_tells_a_secret(seen: list[Seen]) -> None:
    for one in seen:
        where = one.answer.headers.get("Location", "")
        page = PageReader(one.answer.text if one.answer.mimetype == "text/html" else "")
        assert page.telling() == [], str(one)
        assert {"email", "code", "csrf_token", "iban"}.isdisjoint(page.get_fields), str(one)
        assert "@" not in where, str(one)
        assert "token" not in where, str(one)


def test_what_is_somebody_s_is_kept_by_no_cache(seen: list[Seen]) -> None:
    for one in seen:
        if one.who != NOBODY and (one.rule, "public") not in READS:
            assert one.answer.headers["Cache-Control"] == "no-store", str(one)


def test_whoever_is_signed_in_can_sign_out_on_every_page(seen: list[Seen]) -> None:
    for one in seen:
        page = one.answer.mimetype == "text/html" and one.answer.status_code == 200
        if page and one.who not in {NOBODY, DEVICE}:
            assert "data-sign-out" in one.answer.text, str(one)


def test_every_body_says_what_it_is_and_in_which_letters(seen: list[Seen]) -> None:
    for one in seen:
        if not one.answer.get_data():
            continue
        kind = one.answer.headers["Content-Type"]
        if kind.startswith("text/") or "xml" in kind:
            assert kind.endswith("; charset=utf-8"), str(one)
        if one.answer.mimetype in {"text/csv", "application/zip", "application/x-ndjson"}:
            download = one.answer.headers.get("Content-Disposition", "")
            assert download.startswith("attachment") or one.rule.startswith("/api/"), str(one)


def test_every_cookie_is_this_host_s_own(seen: list[Seen]) -> None:
    cookies = {line for one in seen for line in one.answer.headers.getlist("Set-Cookie")}
    assert len(cookies) > 1
    for cookie in cookies:
        name, *attributes = cookie.split("; ")
        assert name.startswith("__Host-civis"), cookie
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes), cookie
        assert not re.search("domain=", cookie, re.IGNORECASE), cookie

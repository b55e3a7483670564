"""A real OpenID provider in a process of its own, and one that lies, for what must be refused."""

from __future__ import annotations

import itertools
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from flask import Flask, jsonify, request
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from werkzeug.test import TestResponse

from app.embedded.ports import free_port
from app.openid_config import OpenId, Profile
from tests.support.processes import eventually
from tests.support.serving import served

FOLDER = Path(__file__).parents[1] / "openid"
SECRET = "a-secret-of-the-tests-of-forty-characters"
PUBLIC = "http://localhost:8000"
RETURN = f"{PUBLIC}/sign-in/openid/return"
_addresses = itertools.cycle(range(1, 255))


@contextmanager
def running_provider(log: Path, profile: Profile) -> Iterator[OpenId]:
    """What an operator would set for it."""
    port = free_port()
    command = ["node", "provider.mjs", str(port), RETURN, f"{PUBLIC}/"]
    environ = {**os.environ, "CLIENT_SECRET": SECRET}
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=FOLDER, env=environ, stdout=said, stderr=subprocess.STDOUT
        )
    try:
        ready = eventually(lambda: "ready" in log.read_text() or process.poll() is not None)
        assert ready, log.read_text()
        assert process.poll() is None, log.read_text()
        yield OpenId(f"http://localhost:{port}", "civis", SECRET, "Provider", profile)
    finally:
        process.terminate()
        process.wait(30)


def visitor(app: Flask) -> FlaskClient:
    """A browser at an address of its own, so that limits count each test by itself."""
    browser = app.test_client()
    browser.environ_base["REMOTE_ADDR"] = f"192.0.2.{next(_addresses)}"
    return browser


def go(browser: FlaskClient, who: str, start: str = "/sign-in/openid") -> TestResponse:
    """A person signs in at the provider; the answer to the browser that came back."""
    return browser.get(comes_back(browser, who, start))


def comes_back(browser: FlaskClient, who: str, start: str = "/sign-in/openid") -> str:
    """The path and query with which the provider sends the browser back, not asked yet."""
    sent = browser.get(start)
    assert sent.status_code == 303, sent.text
    return comes_back_from(sent.location, who)


def comes_back_from(address: str, who: str) -> str:
    """The same from the provider's own address."""
    with httpx.Client(follow_redirects=False, timeout=30) as there:
        answer = there.get(address)
        while not (answer.headers.get("Location") or "").startswith(PUBLIC):
            if answer.status_code == 200:
                answer = there.post(str(answer.url), data={"who": who})
            else:
                assert answer.headers.get("Location"), answer.text
                answer = there.get(answer.url.join(answer.headers["Location"]))
        return answer.headers["Location"].removeprefix(PUBLIC)


@dataclass
class Liar:
    """A provider that signs whatever a test wants; true to the letter as long as nothing is set."""

    settings: OpenId
    key: RSAKey
    claims: dict[str, Any] = field(default_factory=dict)  # over the true ones
    header: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any], dict[str, Any]], str] | None = None
    nonce: str = ""
    instead: dict[str, str] = field(default_factory=dict)  # of a path: what is answered there

    def id_token(self) -> str:
        now = int(time.time())
        true = {
            "iss": self.settings.issuer, "aud": "civis", "sub": "someone", "iat": now,
            "exp": now + 300, "nonce": self.nonce, "acr": "eidas1",
        }  # fmt: skip
        claims = {k: v for k, v in {**true, **self.claims}.items() if v is not None}
        header = {"alg": "RS256", "kid": "k", **self.header}
        if self.sign is not None:
            return self.sign(header, claims)
        return jwt.encode(header, claims, self.key)

    def comes_back(self, browser: FlaskClient, **changes: str) -> TestResponse:
        """The browser as if it had been to the provider."""
        sent = browser.get("/sign-in/openid")
        asked = {
            name: values[0] for name, values in parse_qs(urlsplit(sent.location).query).items()
        }
        self.nonce = asked["nonce"]
        said = {"code": "c", "state": asked["state"], **changes}
        return browser.get("/sign-in/openid/return", query_string=said)


@cache
def _key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "k"})


@contextmanager
def running_liar() -> Iterator[Liar]:
    app = Flask("liar")
    with served(app) as url:
        settings = OpenId(url, "civis", SECRET, "Liar", Profile.GENERIC)
        liar = Liar(settings, _key())
        _answer(app, liar, url)
        yield liar


def _answer(app: Flask, liar: Liar, url: str) -> None:
    @app.before_request
    def other() -> str | None:
        return liar.instead.get(request.path)

    @app.get("/.well-known/openid-configuration")
    def document() -> Any:
        return {
            "issuer": url, "authorization_endpoint": f"{url}/auth", "jwks_uri": f"{url}/keys",
            "token_endpoint": f"{url}/token", "userinfo_endpoint": f"{url}/me",
        }  # fmt: skip

    @app.get("/keys")
    def keys() -> Any:
        return {"keys": [liar.key.as_dict(private=False)]}

    @app.post("/token")
    def token() -> Any:
        assert request.form["client_secret"] == SECRET
        return jsonify(id_token=liar.id_token(), access_token="a", token_type="Bearer")

    @app.get("/me")
    def me() -> Any:
        return {"sub": "someone", **liar.userinfo}


def another_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "other"})

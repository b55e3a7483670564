"""The provider: where to send people, and whether what comes back is its word (OpenID Connect Core
1.0, code flow with PKCE; RFC 9207 for the issuer, RFC 8725 for the tokens).

Only addresses that the configured issuer's own document names are asked, and no redirect is
followed. Whatever is wrong with an answer is one problem: it tells a stranger nothing.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.errors import Problem
from app.identity.openid import problems
from app.openid_config import OpenId

__all__ = ["problems"]

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384")  # never `none`, never a shared secret
_TIMEOUT = 5.0
_KEPT_SECONDS = 3600
_KEYS_AGAIN_SECONDS = 60  # an unknown key id may be a new key; a stranger can't make us ask often
_SLACK_SECONDS = 60
FRESH_SECONDS = 300
_MOST_BYTES = 1 << 18


@dataclass(frozen=True)
class Started:
    """What this browser must come back with; kept in its own signed cookie."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Proved:
    """The provider's word: `claims` of the ID token and of the user's page, same `sub`."""

    sub: str
    claims: Mapping[str, Any]
    id_token: str

    def is_fresh(self, now: datetime) -> bool:
        """The person has just typed or shown something there: no open window of theirs answered."""
        at = self.claims.get("auth_time")
        return type(at) is int and abs(now.timestamp() - at) <= FRESH_SECONDS


class Provider:
    """One configured provider; keeps its document and keys for an hour."""

    def __init__(self, settings: OpenId) -> None:
        self.settings = settings
        self._client = httpx.Client(timeout=_TIMEOUT, follow_redirects=False)
        self._document: tuple[float, dict[str, Any]] = (0.0, {})
        self._keys: tuple[float, KeySet | None] = (0.0, None)

    def begin(self) -> Started:
        return Started(*(secrets.token_urlsafe(32) for _ in range(3)))

    def address(self, started: Started, return_to: str, *, again: bool = False) -> str:
        """Where the browser goes; `again`: the provider shall not take an earlier sign-in for it.

        Raises Problem openid-away.
        """
        digest = sha256(started.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": return_to,
            "scope": self.settings.scope,
            "state": started.state,
            "nonce": started.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        if self.settings.acr:
            asked |= {"acr_values": self.settings.acr}
        if again:
            asked |= {"prompt": "login", "max_age": "0"}
        return f"{self._of('authorization_endpoint')}?{urlencode(asked)}"

    def finish(self, code: str, started: Started, return_to: str) -> Proved:
        """Changes the code for the provider's word. Raises Problem openid-refused, openid-away."""
        given = self._asked(
            "POST",
            self._of("token_endpoint"),
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": return_to,
                "client_id": self.settings.client_id,
                "client_secret": self.settings.client_secret,
                "code_verifier": started.verifier,
            },
        )
        id_token = str(given.get("id_token", ""))
        claims = self._checked(id_token)
        if not secrets.compare_digest(str(claims.get("nonce", "")), started.nonce):
            raise Problem("openid-refused")
        if self.settings.acr and not str(claims.get("acr", "")).startswith("eidas"):
            raise Problem("openid-refused")
        more = self._person(str(given.get("access_token", "")))
        if not claims["sub"] or more.get("sub") != claims["sub"]:
            raise Problem("openid-refused")
        return Proved(str(claims["sub"]), {**more, **claims}, id_token)

    def logout_address(self, id_token: str, return_to: str) -> str | None:
        """Where the person signs out at the provider too; None where it offers nothing."""
        where = self._read().get("end_session_endpoint")
        asked = {
            "id_token_hint": id_token,
            "post_logout_redirect_uri": return_to,
            "state": secrets.token_urlsafe(16),
        }
        return f"{where}?{urlencode(asked)}" if where else None

    def check_issuer(self, issuer: str | None) -> None:
        """Another provider's answer mixed in (RFC 9207). Raises Problem openid-refused."""
        promised = self._read().get("authorization_response_iss_parameter_supported")
        if issuer is None and not promised:
            return
        if issuer != self._read()["issuer"]:
            raise Problem("openid-refused")

    def _person(self, access_token: str) -> dict[str, Any]:
        """The user's page: JSON, or a signed token as FranceConnect has it."""
        where, bearer = self._of("userinfo_endpoint"), f"Bearer {access_token}"
        answer = self._ask("GET", where, headers={"Authorization": bearer})
        if answer.headers.get("Content-Type", "").startswith("application/jwt"):
            return self._checked(answer.text, lasting=False)
        return _object(answer)

    def _checked(self, token: str, *, lasting: bool = True) -> dict[str, Any]:
        """A token's claims once signature, issuer, receiver and time are right.

        `lasting`: it must say when it ends; a signed user's page need not.
        """
        try:
            found = self._decoded(token)
            if str(found.header.get("typ", "JWT")).upper() != "JWT":
                raise Problem("openid-refused")
            registry = jwt.JWTClaimsRegistry(
                leeway=_SLACK_SECONDS,
                iss={"essential": True, "value": self._read()["issuer"]},
                aud={"essential": True, "value": self.settings.client_id},
                sub={"essential": True},
                exp={"essential": lasting},
                iat={"essential": lasting},
            )
            registry.validate(found.claims)
        except (JoseError, ValueError, TypeError) as error:
            raise Problem("openid-refused") from error
        shared = isinstance(found.claims["aud"], list) and len(found.claims["aud"]) > 1
        if shared and found.claims.get("azp") != self.settings.client_id:
            raise Problem("openid-refused")
        return dict(found.claims)

    def _decoded(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, self._key_set(_KEPT_SECONDS), algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            keys = self._key_set(_KEYS_AGAIN_SECONDS)
            return jwt.decode(token, keys, algorithms=list(ALGORITHMS))

    def _key_set(self, at_most: float) -> KeySet:
        read_at, keys = self._keys
        if keys is None or time.monotonic() - read_at > at_most:
            keys = _keys_of(self._asked("GET", self._of("jwks_uri")))
            self._keys = (time.monotonic(), keys)
        return keys

    def _of(self, name: str) -> str:
        try:
            return str(self._read()[name])
        except KeyError as error:
            raise Problem("openid-away") from error

    def _read(self) -> dict[str, Any]:
        read_at, document = self._document
        if not document or time.monotonic() - read_at > _KEPT_SECONDS:
            where = f"{self.settings.issuer}/.well-known/openid-configuration"
            document = self._asked("GET", where)
            if str(document.get("issuer", "")).rstrip("/") != self.settings.issuer:
                raise Problem("openid-away")
            self._document = (time.monotonic(), document)
        return document

    def _asked(self, method: str, where: str, **options: Any) -> dict[str, Any]:
        return _object(self._ask(method, where, **options))

    def _ask(self, method: str, where: str, **options: Any) -> httpx.Response:
        try:
            answer = self._client.request(method, where, **options)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Problem("openid-away") from error
        if answer.status_code >= 500 or len(answer.content) > _MOST_BYTES:
            raise Problem("openid-away")
        if answer.status_code != 200:
            raise Problem("openid-refused")
        return answer


def _object(answer: httpx.Response) -> dict[str, Any]:
    """What it says. Raises Problem openid-away for anything but a JSON object: a page of a proxy
    in front of the provider, for one."""
    try:
        found = answer.json()
    except ValueError as error:
        raise Problem("openid-away") from error
    if not isinstance(found, dict):
        raise Problem("openid-away")
    return found


def _keys_of(document: Any) -> KeySet:
    try:
        return KeySet.import_key_set(document)
    except (JoseError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Problem("openid-away") from error


@lru_cache(maxsize=4)
def provider_of(settings: OpenId) -> Provider:
    """The same for the same settings, so that its keys are asked for once."""
    return Provider(settings)

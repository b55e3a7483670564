"""What protects people's browsers: content policy, form token, headers, and CORS for the API.

Scripts come from this site or carry the page's nonce (`csp_nonce()` in templates); styles and
images come from this site; nothing is framed; only a page that scans (`asks_camera()`) may ask for
the camera. A write by cookie must carry the session's form token, as the field `csrf_token` or the
header X-CSRF-Token, and may not come from another site.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import cast

from flask import Flask, Request, Response, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from app.context import Application, cookie_name, is_api, services
from app.errors import Problem

_FORM_TOKEN = "form_token"  # noqa: S105 - the name of a key
_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
_EXPOSED = "ETag, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
_POLICY = (
    "default-src 'none'; object-src 'none'; script-src 'self' 'nonce-%s'; style-src 'self';"
    " img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self';"
    " worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_NO_CAMERA = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_CAMERA = _NO_CAMERA | {
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, If-None-Match",
    "Access-Control-Max-Age": "600",
}


class _Sessions(SecureCookieSessionInterface):
    """Who brings no cookie has nothing whose signature could be checked."""

    digest_method = staticmethod(sha256)  # Flask's own default is SHA-1

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


def csp_nonce() -> str:
    """One per answer: <script nonce="{{ csp_nonce() }}">."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return cast("str", g.csp_nonce)


def asks_camera() -> str:
    """For the page that scans a code: it alone may ask for the camera. Nothing to print."""
    g.asks_camera = True
    return ""


def csrf_token() -> str:
    """The form token of this browser, made at first use."""
    if _FORM_TOKEN not in session:
        session[_FORM_TOKEN] = secrets.token_urlsafe(24)
    return cast("str", session[_FORM_TOKEN])


def new_browser() -> None:
    """Forgets what the browser held: at sign-in and sign-out."""
    session.clear()


def set_cookie(
    response: Response, name: str, value: str, *, max_age: timedelta | int | None = None
) -> None:
    """A cookie of this host alone, which no script reads; with `max_age` 0 it is taken back."""
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=max_age,
        httponly=True,
        secure=services().settings.public_url.startswith("https://"),
        samesite="Lax",
        path="/",
    )


def check_form_token() -> None:
    """Raises form-expired unless this write comes from one of our own pages."""
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise Problem("form-expired")
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token") or ""
    expected = session.get(_FORM_TOKEN, "")
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise Problem("form-expired")


def _protect(response: Response) -> Response:
    headers = response.headers
    headers.extend(_CAMERA if g.get("asks_camera") else _NO_CAMERA)  # no view sets one of these
    headers.add("Content-Security-Policy", _POLICY % csp_nonce())
    if services().settings.public_url.startswith("https://"):
        headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
    if g.get("principal") is not None or is_api() or request.method == "POST":
        headers.setdefault("Cache-Control", "no-store")
    return response


def _share(response: Response) -> Response:
    """Lets pages of the origins in CORS_ORIGINS read the API; never with cookies."""
    origin = request.headers.get("Origin")
    allowed = services().settings.cors_origins
    if is_api() and allowed:
        response.vary.add("Origin")
        if origin is not None and (origin in allowed or "*" in allowed):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED
            if request.method == "OPTIONS":
                response.headers.extend(_PREFLIGHT)
    return response


def _most() -> int:
    """What a form may hold; a page that takes files says so itself, before it reads any."""
    return int(current_app.config["MAX_CONTENT_LENGTH"])


def _refuse_bad_characters() -> None:
    """NUL and broken UTF-8 in the address or in a form reach no view and no statement."""
    parts = [request.path, request.query_string.decode("latin-1")]
    if request.mimetype in _FORMS and (request.content_length or 0) <= _most():
        parts.extend(value for values in request.form.listvalues() for value in values)
    if any("\x00" in part or "%00" in part or "\ufffd" in part for part in parts):
        raise Problem("bad-characters")


def init_app(app: Application) -> None:
    https = services_url(app).startswith("https://")
    app.config.update(
        SECRET_KEY=app.extensions["civis"].keyring.derived("flask.session"),
        SESSION_COOKIE_NAME="__Host-civis-page" if https else "civis_page",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.session_interface = _Sessions()
    app.before_request(_refuse_bad_characters)
    app.after_request(_protect)
    app.after_request(_share)


def services_url(app: Application) -> str:
    return cast("str", app.extensions["civis"].settings.public_url)

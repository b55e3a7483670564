"""The cookie that carries a browser's session token: handed over at sign-in, taken at sign-out."""

from __future__ import annotations

from datetime import timedelta

from flask import Response

from app.browser_security import new_browser
from app.context import services
from app.identity.sign_in import LIFETIME


def cookie_name() -> str:
    """With https the browser itself guarantees that only this very host set the cookie."""
    return "__Host-civis" if _https() else "civis"


def sign_in_browser(response: Response, token: str) -> Response:
    """Hands the token to the browser; the form token from before is worth nothing any more."""
    new_browser()
    return set_token(response, token, LIFETIME["browser"])


def set_token(response: Response, token: str, lasts: timedelta) -> Response:
    """The cookie lives as long as the session does, neither shorter nor longer."""
    response.set_cookie(
        cookie_name(),
        token,
        max_age=lasts,
        httponly=True,
        secure=_https(),
        samesite="Lax",
        path="/",
    )
    return response


def sign_out_browser(response: Response) -> Response:
    new_browser()
    response.delete_cookie(cookie_name(), httponly=True, secure=_https(), samesite="Lax", path="/")
    return response


def _https() -> bool:
    return services().settings.public_url.startswith("https://")

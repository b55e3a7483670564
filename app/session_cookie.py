"""The cookie that carries a browser's session token: handed over at sign-in, taken at sign-out."""

from __future__ import annotations

from datetime import timedelta

from flask import Response

from app.browser_security import new_browser, set_cookie
from app.identity.sign_in import LIFETIME

COOKIE = "civis"
STATION_COOKIE = "civis_station"  # see app.web.stations.cookie


def sign_in_browser(response: Response, token: str, kind: str = "browser") -> Response:
    """Hands the token to the browser; the form token from before is worth nothing any more."""
    new_browser()
    return set_token(response, token, LIFETIME[kind])


def set_token(response: Response, token: str, lasts: timedelta) -> Response:
    """The cookie lives as long as the session does, neither shorter nor longer."""
    set_cookie(response, COOKIE, token, max_age=lasts)
    return response


def sign_out_browser(response: Response) -> Response:
    new_browser()
    set_cookie(response, COOKIE, "", max_age=0)
    return response

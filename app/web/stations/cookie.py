"""The cookie that makes a browser a station: by itself it opens nothing."""

from __future__ import annotations

from flask import Response, request

from app.browser_security import set_cookie
from app.context import cookie_name, db_session
from app.identity.stations import service as stations
from app.identity.stations.models import Station
from app.session_cookie import STATION_COOKIE


def this_station() -> Station | None:
    """The station that this browser is, unless that was ended."""
    token = request.cookies.get(cookie_name(STATION_COOKIE))
    return stations.station_of(db_session(), token) if token else None


def become(response: Response, token: str) -> Response:
    set_cookie(response, STATION_COOKIE, token, max_age=stations.TOKEN_LASTS)
    return response


def be_none(response: Response) -> Response:
    """An ended station leads nobody to its screen any more."""
    if cookie_name(STATION_COOKIE) in request.cookies:
        set_cookie(response, STATION_COOKIE, "", max_age=0)
    return response

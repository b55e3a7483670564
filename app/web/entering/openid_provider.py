"""The provider of this installation, as the pages reach it."""

from __future__ import annotations

from flask import url_for

from app.context import db_session, services
from app.errors import NotFound, Problem
from app.identity.openid import service as openid
from app.identity.openid.provider import Provider, provider_of
from app.security import maybe_principal


def provider() -> Provider:
    """Raises NotFound where the operator named none."""
    wanted = services().settings.openid
    if wanted is None:
        raise NotFound
    return provider_of(wanted)


def return_to() -> str:
    return services().settings.public_url + url_for("sign_in.openid_return")


def logout_address() -> str | None:
    """Where whoever leaves this session signs out of the provider too; None where there is none."""
    person, wanted = maybe_principal(), services().settings.openid
    if person is None or wanted is None:
        return None
    id_token = openid.take_id_token(db_session(), person.session_id)
    if id_token is None:
        return None
    home = services().settings.public_url + url_for("tour.home")
    try:
        return provider_of(wanted).logout_address(id_token, home)
    except Problem:
        return None  # away: signed out here all the same

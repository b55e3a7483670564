"""Whose browser it is at a provider's sign-in, and what its owner does on purpose."""

from __future__ import annotations

import html
import json
import re
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlmodel import col
from werkzeug.test import TestResponse

from app.identity import service as identity
from app.identity.models import IdentityLevel, Person, SignInSession
from app.identity.tokens import token_hash
from app.mail_models import OutgoingMail
from app.privacy.service import open_for_service
from app.services import Services
from tests.support.openid import comes_back_from


def person_of(services: Services, browser: FlaskClient) -> Person:
    cookie = browser.get_cookie("civis")
    assert cookie
    with services.database.session() as session:
        found = session.scalars(
            select(Person)
            .join(SignInSession, col(SignInSession.person_id) == col(Person.id))
            .where(col(SignInSession.token_hash) == token_hash(cookie.value))
        ).one()
        session.expunge(found)
        return found


def open_page(services: Services, browser: FlaskClient, email: str) -> UUID:
    """Signed in as the owner of an address."""
    with services.database.transaction() as session:
        now = services.clock.now(session)
        level = IdentityLevel.CONTACT
        person = identity.register_person(session, email, level=level, now=now).id
        browser.set_cookie("civis", identity.open_session(session, person, "browser", now))
    return person


def letters_to(services: Services, address: str) -> list[str]:
    with services.database.session() as session:
        rows = session.scalars(select(OutgoingMail)).all()
        said = [open_for_service(session, "mail", r.sealed, r.id.bytes).decode() for r in rows]
    return [json.loads(one)["subject"] for one in said if json.loads(one)["to"] == address]


def form_token(browser: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/me/data").text)
    assert found
    return found[1]


def linked(services: Services, browser: FlaskClient, who: str) -> TestResponse:
    """On purpose, after a fresh proof."""
    with services.database.transaction() as session:
        now = services.clock.now(session)
        session.execute(update(SignInSession).values(proved_at=now))
    page = browser.post("/me/data/openid", data={"csrf_token": form_token(browser)})
    address = re.search(r'href="([^"]+/auth[^"]+)"', page.text)
    assert address, page.text
    return browser.get(comes_back_from(html.unescape(address[1]), who))

"""A visitor of the small demo city in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from app.demo.city import small_city
from app.demo.world import World
from app.identity import service as identity
from app.identity.models import IdentityLevel
from app.identity.presence import code_at, presence_secret
from app.services import connect
from tests.support.browser import strict_page
from tests.support.system import System

# The limit only ends a test that has failed: a loaded machine is no failure.
expect.set_options(timeout=30_000)


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[Page]:
    """An English-speaking visitor at a desk; no script error is tolerated."""
    with strict_page(chromium, locale="en-GB", viewport={"width": 1280, "height": 900}) as tab:
        tab.set_default_timeout(30_000)
        yield tab


@pytest.fixture
def telephone(chromium: Browser) -> Iterator[Page]:
    """A French-speaking visitor with a small telephone."""
    with strict_page(chromium, locale="fr-FR", viewport={"width": 360, "height": 740}) as tab:
        tab.set_default_timeout(30_000)
        yield tab


def address(city: System) -> str:
    return f"http://localhost:{city.port}"


def become(tab: Page, city: System, who: str) -> None:
    """One click on the tour's card; treasurers have no card and use the same form."""
    tab.goto(f"{address(city)}/")
    token = tab.locator("input[name=csrf_token]").first.get_attribute("value") or ""
    answer = tab.request.post(f"{address(city)}/demo/sign-in/{who}", form={"csrf_token": token})
    assert answer.ok, answer.text()


@contextmanager
def world_of(city: System) -> Iterator[World]:
    """The simulated city's people and bodies, as its database has them."""
    world = World(connect(city.settings, name="tests"), small_city(), print)
    try:
        yield world
    finally:
        world.parts.database.dispose()


def identify(tab: Page, city: System) -> None:
    """At an open counter somebody new shows a code: whom nothing else in the city acts for."""
    with world_of(city) as world, world.parts.database.transaction() as session:
        at, email = world.now(session), f"{uuid4().hex}@demo.example"
        level = IdentityLevel.CONTACT
        person = identity.register_person(session, email, level=level, now=at, simulated=True)
        own = presence_secret(session, person.id, at)
    tab.locator("#f-short").fill(own.short_number)
    tab.locator("#f-time").fill(code_at(own.secret, at))
    tab.locator("form:has(#f-time) button").click()

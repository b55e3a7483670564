"""An organisation's administrator by mouse: certificates say what the page shows, and end."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from app.actions.organisation_keys import register_key
from app.identity import service as identity
from app.identity.models import IdentityLevel, Organisation, OrganisationKind, Role
from tests.browser.conftest import address, identify, world_of
from tests.support.system import System


@pytest.fixture
def keeper() -> str:
    """Whose only organisation the workshop is."""
    return f"{uuid4().hex}@demo.example"


@pytest.fixture
def workshop(visitor: Page, city: System, keeper: str) -> UUID:
    """A new organisation; its only clerk, who keeps its key too, has signed in."""
    with world_of(city) as world, world.parts.database.transaction() as session:
        now = world.now(session)
        kind = OrganisationKind.ATTESTER
        made = identity.create_organisation(
            session, slug=f"workshop-{uuid4().hex[:8]}", kind=kind, name="Workshop", now=now
        )
        person = identity.register_person(session, keeper, level=IdentityLevel.CONTACT, now=now)
        for role in (Role.ATTESTER, Role.ATTESTER_ADMIN):
            identity.grant_role(
                session, person_id=person.id, role=role, now=now, organisation_id=made.id
            )
        token = identity.open_session(session, person.id, "browser", now)
    cookie = {"name": "civis", "value": token, "url": address(city)}
    visitor.context.add_cookies([cookie])  # type: ignore[list-item]
    return made.id


def test_a_certificate_is_asked_for_shown_signed_and_revoked(
    visitor: Page, city: System, workshop: UUID, keeper: str
) -> None:
    keys, counter = f"{address(city)}/attest/keys", f"{address(city)}/attest"
    visitor.goto(keys)
    expect(visitor.locator(".empty")).to_contain_text("No clerk has asked yet")
    visitor.get_by_role("button", name="Make the key here and offer it").click()
    expect(visitor.locator("main")).to_contain_text("an officer of the city has to register it")
    visitor.goto(counter)
    expect(visitor.locator("#attest")).to_have_attribute("data-key-state", "asked")
    _register(city, workshop)
    _a_server_that_asks_for_ten_years_gets_nothing(visitor, keys)
    _nothing_is_sent_before_the_script_runs(visitor, keys)
    _sign_for_glass_only(visitor, keys, keeper)
    visitor.goto(counter)
    expect(visitor.locator("#attest")).to_have_attribute("data-key-state", "certified")
    identify(visitor, city)
    expect(visitor.locator(".choice")).to_have_count(1)
    expect(visitor.locator(".choice")).to_contain_text("Glass")
    _revoke(visitor, keys)
    _a_new_key_is_made(visitor, counter)


def test_a_key_certifies_until_its_successor_is_registered_and_none_comes_back(
    visitor: Page, city: System, workshop: UUID
) -> None:
    keys, counter = f"{address(city)}/attest/keys", f"{address(city)}/attest"
    first = _offered(visitor, keys)
    visitor.goto(counter)
    expect(visitor.locator("#attest")).to_have_attribute("data-key-state", "asked")
    _register(city, workshop)
    visitor.goto(keys)
    expect(visitor.locator("#offer")).to_have_count(0)
    _set(city, workshop, key_valid_until=timedelta(days=30))
    second = _offered(visitor, keys)
    assert second == _offered(visitor, keys) != first, "one that nobody has registered waits"
    _sign_all(visitor, keys)
    _register(city, workshop)
    _sign_all(visitor, keys)
    _set(city, workshop, key_revoked_at=timedelta(0))
    assert _offered(visitor, keys) not in (first, second)


def _offered(tab: Page, keys: str) -> str:
    """The address that waits for an officer."""
    tab.goto(keys)
    tab.get_by_role("button", name="Make the key here and offer it").click()
    tab.wait_for_url(keys)
    expect(tab.locator("main")).to_contain_text("an officer of the city has to register it")
    return tab.locator("section.card.accent p.code").last.inner_text()


def _set(city: System, workshop: UUID, **times: timedelta) -> None:
    """A time of the key, from now."""
    with world_of(city) as world, world.parts.database.transaction() as session:
        body = session.get_one(Organisation, workshop)
        for name, time in times.items():
            setattr(body, name, world.now(session) + time)


def _sign_all(tab: Page, keys: str) -> None:
    tab.goto(keys)
    tab.get_by_role("button", name="Certify with the organisation's key").click()
    tab.get_by_role("button", name="Sign", exact=True).click()
    expect(tab.locator("ul.list li .chip.good")).to_have_text("certified")


def _register(city: System, workshop: UUID) -> None:
    """As an officer does; the chain hears of it."""
    with world_of(city) as world, world.parts.database.transaction() as session:
        by = world.person(session, "officer")
        register_key(session, workshop, by=by, now=world.now(session))


def _a_server_that_asks_for_ten_years_gets_nothing(tab: Page, keys: str) -> None:
    def lie(route: Route) -> None:
        answer = route.fetch()
        until = re.compile(r'(data-until=")(\d+)')
        longer = until.sub(lambda m: m[1] + str(int(m[2]) + 10 * 365 * 86_400), answer.text())
        route.fulfill(response=answer, body=longer)

    tab.route(keys, lie)
    tab.goto(keys)
    tab.get_by_role("button", name="Certify with the organisation's key").click()
    expect(tab.locator("#key-state")).to_contain_text("nothing was signed")
    expect(tab.locator("[data-asking]")).to_be_hidden()
    tab.unroute(keys)


def _nothing_is_sent_before_the_script_runs(tab: Page, keys: str) -> None:
    """Enter anywhere presses the first button that is on, shown or not."""
    nothing = "**/js/organisation_key.js*"
    tab.route(nothing, lambda one: one.fulfill(content_type="text/javascript"))
    tab.goto(keys)
    buttons = tab.locator("form[data-certify] button:not([type])")
    assert buttons.count() == 2
    assert [one.is_disabled() for one in buttons.all()] == [True, True]
    sent: list[str] = []
    tab.on("request", lambda one: sent.append(one.method))
    tab.get_by_text("Only some kinds of deed").first.click()
    tab.locator("input[name=scope]").first.press("Enter")
    tab.goto(keys)
    assert "POST" not in sent
    tab.unroute(nothing)


def _sign_for_glass_only(tab: Page, keys: str, keeper: str) -> None:
    tab.goto(keys)
    tab.get_by_text("Only some kinds of deed").first.click()
    glass = tab.locator("input[name=scope][value=glass-recycling]")
    glass.check()
    glass.press("Enter")
    expect(tab.locator("[data-asking]")).to_be_visible()
    tab.get_by_role("button", name="Don't sign").click()
    look = tab.get_by_role("button", name="Certify with the organisation's key")
    look.click()
    asking = tab.locator("[data-asking]")
    expect(asking).to_contain_text(keeper)
    expect(asking).to_contain_text(tab.locator("section [data-address]").inner_text())
    expect(asking.locator("[data-said=scope]")).to_contain_text("Glass")
    glass.uncheck()
    expect(asking).to_be_hidden()
    glass.check()
    look.click()
    tab.get_by_role("button", name="Sign", exact=True).click()
    row = tab.locator("ul.list li")
    expect(row.locator(".chip.good")).to_have_text("certified")
    expect(row).to_contain_text("Glass")
    expect(row.get_by_text("this browser")).to_be_visible()


def _revoke(tab: Page, keys: str) -> None:
    tab.goto(keys)
    row = tab.locator("ul.list li")
    row.locator("summary").click()
    row.get_by_role("button", name="Revoke this key").click()
    expect(row.locator(".chip.bad")).to_have_text("revoked")


def _a_new_key_is_made(tab: Page, counter: str) -> None:
    tab.goto(counter)
    expect(tab.locator("#key-state")).to_contain_text("was revoked")
    tab.get_by_role("button", name="Make a new key in this browser").click()
    expect(tab.locator("#key-state")).to_contain_text("waits for your administrator")
    expect(tab.locator("#new-key")).to_be_hidden()

"""Passkeys in a real browser, with Chromium's own virtual authenticator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, CDPSession, Locator, Page, expect

from tests.browser.conftest import address, become, world_of
from tests.browser.test_accessible import RULES, WIDER
from tests.support.browser import losing_page
from tests.support.system import System


@contextmanager
def authenticator(tab: Page, **options: Any) -> Iterator[tuple[CDPSession, str]]:
    """A device that has passkeys and checks who holds it."""
    cdp = tab.context.new_cdp_session(tab)
    cdp.send("WebAuthn.enable")
    kind = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
        **options,
    }
    made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
    yield cdp, made["authenticatorId"]


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """Refusals are on the way here, and the console names them."""
    with losing_page(chromium, locale="en-GB", viewport={"width": 360, "height": 740}) as page:
        yield page


def sign_in_by_code(tab: Page, city: System, email: str) -> None:
    tab.goto(f"{address(city)}/sign-in")
    tab.get_by_label("Your e-mail address").fill(email)
    tab.get_by_role("button", name="Send me a code").click()
    tab.get_by_label("Code of six digits").fill(code_of(tab, city, email, "Your code"))
    tab.get_by_role("button", name="Sign in", exact=True).click()
    expect(tab).to_have_url(re.compile("/me$"))


def code_of(tab: Page, city: System, email: str, about: str) -> str:
    """Reads the demo's mail folder until the letter is there, in a tab of its own."""
    mail = tab.context.new_page()
    mail.goto(f"{address(city)}/mail")
    letters = mail.locator("li").filter(has_text=email)
    first = letters.filter(has_text=about).first
    for _ in range(60):
        if first.count():
            break
        mail.wait_for_timeout(500)
        mail.reload()
    found = re.search(r"\b(\d{6})\b", first.inner_text())
    mail.close()
    assert found
    return found[1]


def confirm_by_code(tab: Page, city: System, email: str, *, scripts: bool = True) -> None:
    expect(tab.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    tab.get_by_role("button", name="Send me a code").click()
    expect(tab.get_by_label("Code of six digits")).to_be_visible()
    if scripts:
        check(tab)
    tab.get_by_label("Code of six digits").fill(code_of(tab, city, email, "Confirm"))
    tab.get_by_role("button", name="Confirm", exact=True).click()


def check(tab: Page) -> None:
    """Pages that only a proof opens, as tests/browser/test_accessible.py looks at the others."""
    found = Axe().run(tab, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert tab.evaluate(WIDER) == []


def add(tab: Page, name: str) -> None:
    check(tab)
    tab.get_by_label("Name of this passkey").fill(name)
    tab.get_by_role("button", name="Make the passkey").click()


@pytest.fixture
def older(tab: Page) -> Page:
    """A browser of before the offer in the field: the button is the only way."""
    tab.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable")
    return tab


def remove(tab: Page, name: str) -> Locator:
    """The button beside a listed passkey."""
    return tab.get_by_role("button", name=f"Remove {name}")


def test_a_passkey_is_added_signs_in_confirms_and_is_removed(older: Page, city: System) -> None:
    tab = older
    email = f"{uuid4().hex[:12]}@demo.example"
    with authenticator(tab) as (cdp, device):
        sign_in_by_code(tab, city, email)
        tab.goto(f"{address(city)}/me/data")
        tab.get_by_role("link", name="Add a passkey").click()
        confirm_by_code(tab, city, email)
        add(tab, "My telephone")
        expect(remove(tab, "My telephone")).to_be_visible()
        check(tab)
        tab.get_by_role("button", name="Sign out", exact=True).click()
        tab.goto(f"{address(city)}/sign-in")
        tab.get_by_role("button", name="Sign in with a passkey").click()
        expect(tab).to_have_url(re.compile("/me$"))
        kept = cdp.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
        assert [one["isResidentCredential"] for one in kept] == [True]
        tab.goto(f"{address(city)}/me/data")
        expect(tab.get_by_text("last used")).to_be_visible()
        remove(tab, "My telephone").click()
        expect(remove(tab, "My telephone")).to_have_count(0)
        tab.get_by_role("button", name="Sign out", exact=True).click()
        tab.goto(f"{address(city)}/sign-in")
        tab.get_by_role("button", name="Sign in with a passkey").click()
        expect(tab.get_by_text("The passkey was not accepted")).to_be_visible()


def test_a_form_goes_on_by_itself_once_the_passkey_has_answered(tab: Page, city: System) -> None:
    """The proof has grown old: the demo moves the clock."""
    with authenticator(tab):
        email = f"{uuid4().hex[:12]}@demo.example"
        sign_in_by_code(tab, city, email)
        tab.goto(f"{address(city)}/me/passkeys/new")
        confirm_by_code(tab, city, email)
        add(tab, "My laptop")
        expect(remove(tab, "My laptop")).to_be_visible()
        grow_old(city)
        with tab.expect_download() as download:
            tab.get_by_role("button", name="Take all of it with me (ZIP)").click()
            tab.get_by_role("button", name="Confirm with a passkey").click()
        assert download.value.suggested_filename.endswith(".zip")
        expect(tab.get_by_role("heading", name="Confirmed")).to_be_visible()
        check(tab)


def grow_old(city: System) -> None:
    with world_of(city) as world, world.parts.database.transaction() as session:
        old = "update sign_in_session set proved_at = proved_at - interval '6 minutes'"
        session.connection().exec_driver_sql(old)


# What the browser is asked for in the field, and how each question ended.
ASKED = """const get = navigator.credentials.get.bind(navigator.credentials);
window.asked = [];
navigator.credentials.get = (wanted) => {
  const one = { mediation: wanted.mediation, ended: "" };
  window.asked.push(one);
  const answer = get(wanted);
  answer.then(() => { one.ended = "answered"; }, (error) => { one.ended = error.name; });
  return answer;
};"""
STAYS = """document.getElementById("by-code").addEventListener(
  "submit", (event) => event.preventDefault())"""


def _wait_for_offer(tab: Page, ended: str) -> None:
    said = f'[{{"mediation":"conditional","ended":"{ended}"}}]'
    tab.wait_for_function("(said) => JSON.stringify(window.asked) === said", arg=said)


def test_the_field_offers_the_passkey_until_a_code_is_chosen(tab: Page, city: System) -> None:
    tab.add_init_script(ASKED)
    email = f"{uuid4().hex[:12]}@demo.example"
    with authenticator(tab) as (cdp, device):
        sign_in_by_code(tab, city, email)
        tab.goto(f"{address(city)}/me/passkeys/new")
        confirm_by_code(tab, city, email)
        add(tab, "My telephone")
        expect(remove(tab, "My telephone")).to_be_visible()
        held_back = {"authenticatorId": device, "enabled": False}
        cdp.send("WebAuthn.setAutomaticPresenceSimulation", held_back)
        tab.get_by_role("button", name="Sign out", exact=True).click()
        tab.goto(f"{address(city)}/sign-in")
        field = tab.get_by_label("Your e-mail address")
        expect(field).to_have_attribute("autocomplete", "username webauthn")
        _wait_for_offer(tab, "")
        expect(tab.get_by_text("The passkey did not answer")).to_be_hidden()
        field.fill(email)
        tab.evaluate(STAYS)
        tab.get_by_role("button", name="Send me a code").click()
        _wait_for_offer(tab, "AbortError")
        cdp.send("WebAuthn.setAutomaticPresenceSimulation", held_back | {"enabled": True})
        tab.goto(f"{address(city)}/sign-in")  # nothing is pressed or typed
        expect(tab).to_have_url(re.compile("/me$"))


def test_a_device_that_checks_nobody_signs_nobody_in(older: Page, city: System) -> None:
    tab = older
    with authenticator(tab) as (cdp, device):
        email = f"{uuid4().hex[:12]}@demo.example"
        sign_in_by_code(tab, city, email)
        tab.goto(f"{address(city)}/me/passkeys/new")
        confirm_by_code(tab, city, email)
        add(tab, "Found in the street")
        expect(remove(tab, "Found in the street")).to_be_visible()
        tab.get_by_role("button", name="Sign out", exact=True).click()
        never = {"authenticatorId": device, "isUserVerified": False}
        cdp.send("WebAuthn.setUserVerified", never)
        tab.goto(f"{address(city)}/sign-in")
        tab.get_by_role("button", name="Sign in with a passkey").click()
        expect(tab.get_by_text("The passkey did not answer")).to_be_visible()


def test_without_scripts_a_code_is_enough(chromium: Browser, city: System) -> None:
    options: dict[str, Any] = {"locale": "en-GB", "java_script_enabled": False}
    with losing_page(chromium, **options) as tab:
        tab.goto(f"{address(city)}/sign-in")
        expect(tab.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
        email = f"{uuid4().hex[:12]}@demo.example"
        sign_in_by_code(tab, city, email)
        tab.goto(f"{address(city)}/me/data")
        tab.get_by_role("button", name="Take all of it with me (ZIP)").click()
        confirm_by_code(tab, city, email, scripts=False)
        with tab.expect_download() as download:
            tab.get_by_role("button", name="Go on").click()
        assert download.value.suggested_filename.endswith(".zip")


def test_the_demo_says_that_staff_need_none_here(visitor: Page, city: System) -> None:
    become(visitor, city, "officer")
    visitor.goto(f"{address(city)}/office")
    expect(visitor.get_by_text("Here staff sign in with a code")).to_be_visible()

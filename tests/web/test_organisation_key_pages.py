"""The end of an organisation's key, on its keeper's page and the officer's, and its successor."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from app.chain import typed
from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.models import IdentityLevel, Organisation, Role
from app.identity.organisations import has_good_key
from app.services import Services
from tests.support.staff import staff_session
from tests.support.town import Town, made_town
from tests.web.test_forms_again import browser_of, send

OFFER = "/attest/keys/organisation"
DAY = timedelta(days=1)


@pytest.fixture
def town(services: Services, signer: SignerClient) -> Iterator[Town]:
    """With the keeper of the organisation's key."""
    with made_town(services, signer) as made:
        with services.database.transaction() as session:
            now = services.clock.now(session)
            keeper = identity.register_person(session, None, level=IdentityLevel.VERIFIED, now=now)
            identity.grant_role(
                session,
                person_id=keeper.id,
                role=Role.ATTESTER_ADMIN,
                organisation_id=made.clerk.organisation.id,
                now=now,
            )
            made.people["keeper"] = keeper.id
            made.tokens["keeper"] = staff_session(session, keeper.id, now)
        yield made


def left(town: Town, time: timedelta) -> datetime:
    """How long the key is still good; when it ends."""
    with town.services.database.transaction() as session:
        body = session.get_one(Organisation, town.clerk.organisation.id)
        body.key_valid_until = town.services.clock.now(session) + time
        body.key_valid_from = body.key_valid_until - 1000 * DAY
        return body.key_valid_until


def body_of(town: Town) -> Organisation:
    with town.services.database.session() as session:
        return session.get_one(Organisation, town.clerk.organisation.id)


def good(town: Town) -> bool:
    with town.services.database.session() as session:
        return has_good_key(body_of(town), town.services.clock.now(session))


def until_words(town: Town, until: datetime) -> str:
    day = (until - timedelta(seconds=1)).astimezone(town.services.settings.time_zone).date()
    return f"until {day.day} {day:%B %Y}"


def words(page: str) -> dict[str, object]:
    found = re.search(r"data-words='([^']*)'", page)
    assert found is not None
    said: dict[str, object] = json.loads(unescape(found[1]))
    return said


def shown(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path + "?lang=en")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_key_with_time_left_shows_its_end_and_no_form(town: Town) -> None:
    until = left(town, 61 * DAY)
    keeper = shown(browser_of(town, "keeper"), "/attest/keys")
    office = shown(browser_of(town, "officer"), "/office/organisations")
    assert until_words(town, until) in keeper
    assert until_words(town, until) in office
    assert OFFER not in keeper


@pytest.mark.parametrize("time", [59 * DAY, -DAY])
def test_its_successor_is_offered_and_registered(town: Town, time: timedelta) -> None:
    until, old, new = left(town, time), body_of(town).key_address, typed.address_of(typed.new_key())
    keeper, officer = browser_of(town, "keeper"), browser_of(town, "officer")
    page = shown(keeper, "/attest/keys")
    assert OFFER in page
    assert until_words(town, until) in page
    assert ("run out" in page) is (time < timedelta(0))
    assert words(page)["used"] == [old]
    status, page, _ = send(keeper, OFFER, address=new)
    assert status == 303, page
    assert body_of(town).key_address == old
    assert good(town) is (time > timedelta(0))
    page = shown(officer, "/office/organisations")
    registers = f"/office/organisations/{body_of(town).id}/key"
    assert f'{registers}"' in page
    assert f'<span class="code small">{new}</span>' in page
    assert until_words(town, until) in page
    assert send(officer, registers, go="")[0] == 303
    assert (body_of(town).key_address, good(town)) == (new, True)
    page = shown(keeper, "/attest/keys")
    assert words(page)["known"] == new
    assert words(page)["used"] == [new]
    assert "Keys that ask for a certificate" in page, "the clerk's is to be certified anew"
    assert OFFER not in page
    assert registers + '"' not in shown(officer, "/office/organisations")


def test_a_revoked_key_is_called_revoked_and_a_new_one_is_made(town: Town) -> None:
    left(town, 500 * DAY)
    path = f"/organisations/{body_of(town).id}/key/revocation"
    proposal = town.post("officer", path, {"reason": "lost"})
    town.post("officer-2", f"/proposals/{proposal['id']}/confirmation", status=200)
    page = shown(browser_of(town, "keeper"), "/attest/keys")
    own = page.split("The organisation's key</h2>")[1].split("</section>")[0]
    assert "revoked" in own
    assert "Registered" not in own
    assert "until" not in own
    assert OFFER in own


def test_the_api_hands_out_no_certificate_that_a_key_which_ended_would_sign(town: Town) -> None:
    left(town, DAY)
    (key,) = town.get("keeper", "/attester-keys")["items"]
    assert key["certificate"] is not None
    left(town, -DAY)
    (key,) = town.get("keeper", "/attester-keys")["items"]
    assert key["certificate"] is None

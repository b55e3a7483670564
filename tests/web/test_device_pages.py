"""The administrator's and the officer's pages of devices, as a browser sends their forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlmodel import col
from werkzeug.test import TestResponse

from app.actions.devices import state_of
from app.actions.models import Device
from app.chain import typed
from app.chain.signer import SignerClient
from app.identity.models import Organisation
from app.identity.tokens import token_hash
from app.services import Services
from tests.support.scale import Site, site
from tests.support.signer import running_signer, write_deployment

TOKEN = re.compile(r"civis_device_[\w-]{43}")


@pytest.fixture(scope="module")
def signer(services: Services) -> Iterator[SignerClient]:
    write_deployment(services.settings)
    with running_signer(services.settings) as client:
        yield client


@pytest.fixture
def here(services: Services, signer: SignerClient) -> Site:
    return site(services, signer)


def see(here: Site, who: str, path: str, **form: Any) -> TestResponse:
    """A page in English, or a form sent from it."""
    here.client.set_cookie("civis", here.tokens[who])
    if not form:
        return here.client.get(path + "?lang=en")
    with here.client.session_transaction() as page:
        page["form_token"] = "a-form-token"
    data = {"csrf_token": "a-form-token", "idempotency_key": str(uuid4()), **form}
    return here.client.post(path + "?lang=en", data=data)


def entered(here: Site) -> Device:
    with here.services.database.session() as session:
        query = select(Device).where(col(Device.organisation_id) == here.organisation_id)
        return session.scalars(query).one()


def enter(here: Site, **changes: Any) -> TestResponse:
    key = typed.address_of(typed.new_key())
    form = {"name": "Balance", "key_address": key, "action_types": ["food-waste-compost"]}
    return see(here, "admin", "/attest/devices", **{**form, **changes})


def test_from_the_form_to_an_active_device_with_its_token(here: Site) -> None:
    assert "No device yet" in see(here, "admin", "/attest/devices").text
    assert enter(here, valid_from="2026-01-01", valid_until="").status_code == 303
    device = entered(here)
    assert "waits for an officer" in see(here, "admin", "/attest/devices").text
    listed = see(here, "officer", "/office/devices").text
    assert device.key_address in listed
    path = f"/office/devices/{device.id}/confirmation"
    assert see(here, "officer", path, go="").status_code == 303
    made = see(here, "admin", f"/attest/devices/{device.id}/token", go="")
    [token] = TOKEN.findall(made.text)
    assert made.headers["Cache-Control"] == "no-store"
    assert entered(here).token_hash == token_hash(token)
    again = see(here, "admin", "/attest/devices").text
    assert TOKEN.findall(again) == []
    assert "chip good" in again
    see(here, "admin", f"/attest/devices/{device.id}/token/revocation", go="")
    assert entered(here).token_hash is None


def test_ceiling_and_end_by_the_officer(here: Site) -> None:
    scale = here.scale()
    form = {"actions_per_day": "7", "reward_per_day": "9.50"}
    path = f"/office/devices/{scale.id}"
    assert see(here, "officer", f"{path}/ceiling", **form).status_code == 303
    assert "0 deeds, at most 7" in see(here, "officer", "/office/devices").text
    bad = see(here, "officer", f"{path}/ceiling", **{**form, "actions_per_day": "many"})
    assert bad.status_code == 422
    assert see(here, "officer", f"{path}/revocation", for_cause="yes").status_code == 303
    assert "revoked for cause" in see(here, "officer", "/office/devices").text
    assert entered(here).actions_per_day == 7
    assert entered(here).reward_cents_per_day == 950


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"name": " "}, "The device needs a name"),
        ({"name": "x" * 101}, "The device needs a name"),
        ({"key_address": "0x12"}, "address"),
        ({"action_types": []}, "A device vouches for something"),
        ({"action_types": ["flying"]}, "No such kind of deed"),
        ({"valid_until": "yesterday"}, "The dates of its right do not fit"),
        ({"valid_until": "0001-01-01"}, "The dates of its right do not fit"),
        ({"valid_from": "9999-12-31"}, "The dates of its right do not fit"),
        ({"valid_until": "9999-12-31"}, "The dates of its right do not fit"),
    ],
)
def test_a_bad_form_says_what_is_wrong(here: Site, changes: dict[str, Any], title: str) -> None:
    answer = enter(here, **changes)
    assert answer.status_code == 422
    assert title in answer.text
    with here.services.database.session() as session:
        query = select(Device).where(col(Device.organisation_id) == here.organisation_id)
        assert session.scalars(query).all() == []


def test_pages_are_for_those_who_may(here: Site) -> None:
    device = here.scale().id
    assert see(here, "citizen", "/attest/devices").status_code == 403
    assert see(here, "admin", "/office/devices").status_code == 403
    assert see(here, "admin", f"/office/devices/{device}/ceiling", x="").status_code == 403
    assert see(here, "officer", f"/attest/devices/{device}/token", x="").status_code == 403


def test_a_device_counts_through_its_last_day_where_its_organisation_is(here: Site) -> None:
    zone = ZoneInfo("Pacific/Kiritimati")
    with here.services.database.transaction() as session:
        body = session.get_one(Organisation, here.organisation_id)
        body.time_zone = zone.key
        today = here.services.clock.now(session).astimezone(zone).date()
    last = today + timedelta(days=40)
    assert enter(here, valid_from=str(last), valid_until=str(last)).status_code == 303
    device = entered(here)
    midnight = datetime.combine(last + timedelta(days=1), time(), zone)
    assert (device.valid_from, device.valid_until) == (midnight - timedelta(days=1), midnight)
    assert state_of(device, midnight - timedelta(seconds=1)) != "ended"
    assert state_of(device, midnight) == "ended"
    page = see(here, "admin", "/attest/devices").text
    assert f"to {last.day} {last:%B %Y}</dd>" in page
    assert "Last day" in page
    assert f"to {last.day} {last:%B %Y}</dd>" in see(here, "officer", "/office/devices").text

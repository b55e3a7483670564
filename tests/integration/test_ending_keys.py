"""Keys that come near their end are told of in time: one notice an organisation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions import devices, ending_keys, keys
from app.actions.models import AttesterKey, Device
from app.actions.organisation_keys import offer_key, register_key
from app.chain import typed
from app.clock import Clock
from app.identity.models import Organisation, RoleGrant
from app.identity.roles import end_role
from app.outbox.models import Incident
from tests.integration.test_renewed_keys import (
    ADMIN,
    DAY,
    OFFICER,
    SECOND,
    ending,
    entered,
    fresh,
    revoke,
)
from tests.support.city import DOMAIN, City


@pytest.fixture
def city(db: Session) -> City:
    return City(db, Clock().now(db).replace(microsecond=0))


def incidents(db: Session) -> dict[str | None, str]:
    query = select(Incident).where(
        col(Incident.code) == ending_keys.CODE, col(Incident.acknowledged_at).is_(None)
    )
    return {one.reference: one.detail for one in db.scalars(query)}


def device(db: Session, city: City, body: Organisation, left: timedelta) -> Device:
    made = entered(db, city, body)
    devices.confirm_device(db, made.id, by=OFFICER, now=city.now)
    made.valid_from, made.valid_until = city.now - DAY, city.now + left
    return made


def clerk_key(db: Session, city: City, body: Organisation, left: timedelta) -> AttesterKey:
    made = city.clerk(body)
    key = db.get_one(AttesterKey, typed.address_of(made.key))
    key.valid_from, key.valid_until = city.now - DAY, city.now + left
    return key


def test_the_end_of_a_key_is_told_in_time_and_until_it_is_renewed(db: Session, city: City) -> None:
    body = ending(city, 60 * DAY + SECOND)
    ending_keys.watch(db, city.now)
    assert incidents(db) == {}
    ending_keys.watch(db, city.now + SECOND)
    until = city.now + 60 * DAY
    assert incidents(db) == {
        str(body.id): f"{body.slug}: the organisation's key ends at {until:%Y-%m-%d %H:%M} UTC"
    }
    ending_keys.watch(db, until + 100 * DAY)
    assert len(incidents(db)) == 1, "it has ended, and nobody has renewed it"
    offer_key(db, body, fresh(), by=ADMIN, now=until)
    ending_keys.watch(db, until)
    assert len(incidents(db)) == 1
    register_key(db, body.id, by=OFFICER, now=until)
    ending_keys.watch(db, until)
    assert incidents(db) == {}


def test_a_revoked_key_is_no_key_that_ends(db: Session, city: City) -> None:
    body = ending(city, 30 * DAY)
    ending_keys.watch(db, city.now)
    assert len(incidents(db)) == 1
    revoke(db, city, body)
    ending_keys.watch(db, city.now)
    assert incidents(db) == {}


def test_keys_of_devices_and_clerks_are_one_notice_an_organisation(db: Session, city: City) -> None:
    body, other = city.organisation(), city.organisation()
    for left in (DAY, 30 * DAY, 30 * DAY + SECOND, timedelta(0)):
        device(db, city, body, left)
        clerk_key(db, city, body, left)
    gone = device(db, city, other, DAY)
    devices.revoke_device(db, gone, for_cause=False, by=ADMIN, now=city.now)
    entered(db, city, other).valid_until = city.now + DAY  # nobody has confirmed it
    ending_keys.watch(db, city.now)
    told = {str(body.id): f"{body.slug}: keys that end within 30 days: devices 2, clerks 2"}
    assert incidents(db) == told
    ending_keys.watch(db, city.now + DAY)
    told[str(body.id)] = f"{body.slug}: keys that end within 30 days: devices 2, clerks 2"
    assert incidents(db) == told, "one has ended, and another one's end has come near"
    body.key_valid_until = city.now + 10 * DAY
    ending_keys.watch(db, city.now + 2 * DAY)
    assert incidents(db)[str(body.id)].startswith(f"{body.slug}: the organisation's key ends at ")
    assert "devices 2, clerks 2" in incidents(db)[str(body.id)]


def test_a_clerk_who_has_a_newer_key_or_has_gone_needs_no_notice(db: Session, city: City) -> None:
    body = city.organisation()
    key = clerk_key(db, city, body, DAY)
    ending_keys.watch(db, city.now)
    assert len(incidents(db)) == 1
    asked = keys.ask_key(
        db, organisation=body, person_id=key.person_id, address=fresh(), scope=[], now=city.now
    )
    ending_keys.watch(db, city.now)
    assert len(incidents(db)) == 1, "it is only asked for"
    digest = typed.key_certificate_digest(DOMAIN, keys.certificate_of(asked, body))
    keys.certify_key(
        db,
        address=asked.address,
        organisation=body,
        signature=typed.sign(digest, city.organisation_keys[body.id]),
        domain=DOMAIN,
        now=city.now,
    )
    ending_keys.watch(db, city.now)
    assert incidents(db) == {}
    left = clerk_key(db, city, body, DAY)
    ending_keys.watch(db, city.now)
    assert len(incidents(db)) == 1
    [grant] = db.scalars(select(RoleGrant).where(col(RoleGrant.person_id) == left.person_id))
    end_role(db, grant.id, by=None, now=city.now)
    ending_keys.watch(db, city.now)
    assert incidents(db) == {}

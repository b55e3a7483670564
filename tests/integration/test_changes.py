"""What one person changes alone leaves its date, its author and what stood before."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session
from sqlmodel import col

from app import changes
from app.actions import devices, organisation_keys
from app.chain import typed
from app.clock import Clock
from app.db import uuid7
from app.errors import Problem
from app.governance import service as governance
from app.identity.organisations import set_ceilings
from app.impact.catalogue import catalogue
from app.merchants.models import MerchantProgramme
from app.merchants.taking import propose_taking
from app.rewards import programmes
from tests.support.city import City
from tests.support.shop import Shop

ONE, OTHER = uuid7(), uuid7()
FIVE = {"actions_per_day": 5, "reward_cents_per_day": 500}


@pytest.fixture
def city(db: Session) -> City:
    return City(db, Clock().now(db).replace(microsecond=0))


def told(db: Session, subject_id: UUID) -> list[tuple[str, object, object, UUID | None]]:
    rows = changes.changes_of(db, subject_id, 10)
    return [(row.what, row.before, row.after, row.by) for row in rows]


def test_a_ceiling_tells_who_changed_it_from_what(db: Session, city: City) -> None:
    body = city.organisation()
    before = {"actions_per_day": 2000, "reward_cents_per_day": 500_000}
    set_ceilings(db, body.id, **FIVE, by=ONE, now=city.now)
    set_ceilings(db, body.id, **FIVE, by=OTHER, now=city.now)
    assert told(db, body.id) == [("ceilings", before, FIVE, ONE)], "the same again is no change"
    set_ceilings(db, body.id, **before, by=OTHER, now=city.now)
    assert told(db, body.id)[0] == ("ceilings", FIVE, before, OTHER)
    assert changes.changes_of(db, body.id, 1)[0].at == city.now


def test_a_device_s_ceiling_too(db: Session, city: City) -> None:
    entry = devices.NewDevice("Scale", typed.address_of(typed.new_key()), ["food-waste-compost"])
    device = devices.enter_device(
        db, entry, organisation=city.organisation(), catalogue=catalogue(), by=ONE, now=city.now
    )
    before = {name: getattr(device, name) for name in FIVE}
    devices.set_ceilings(db, device, **FIVE, by=OTHER, now=city.now)
    assert told(db, device.id) == [("ceilings", before, FIVE, OTHER)]


def test_a_pause_and_its_end_have_an_author(db: Session, city: City) -> None:
    programme = city.programme()
    programmes.pause(db, programme.id, by=ONE, now=city.now)
    programmes.resume(db, programme.id, by=OTHER, now=city.now)
    running, paused = {"state": "running"}, {"state": "paused"}
    assert told(db, programme.id) == [
        ("state", paused, running, OTHER),
        ("state", running, paused, ONE),
    ]


def test_who_offers_a_key_does_not_register_it(db: Session, city: City) -> None:
    body = city.organisation()
    body.key_revoked_at = city.now
    old, fresh = body.key_address, typed.address_of(typed.new_key())
    organisation_keys.offer_key(db, body, fresh, by=ONE, now=city.now)
    with pytest.raises(Problem, match="another-must-confirm"):
        organisation_keys.register_key(db, body.id, by=ONE, now=city.now)
    organisation_keys.register_key(db, body.id, by=OTHER, now=city.now)
    assert told(db, body.id) == [
        ("key-registered", {}, {"key": fresh}, OTHER),
        ("key-offered", {"key": old}, {"key": fresh}, ONE),
    ]


def test_another_programme_s_tokens_are_taken_by_two(db: Session, city: City) -> None:
    merchant_id, programme = Shop(db, city.now).merchant().organisation_id, city.programme()
    taken = select(MerchantProgramme).where(col(MerchantProgramme.merchant_id) == merchant_id)
    ids = {"merchant_id": merchant_id, "programme_id": programme.id}
    proposal = propose_taking(db, **ids, by=ONE, now=city.now)
    with pytest.raises(Problem, match="another-must-confirm"):
        governance.confirm(db, proposal.id, by=ONE, now=city.now)
    assert db.scalars(taken).all() == []
    governance.confirm(db, proposal.id, by=OTHER, now=city.now)
    assert [row.programme_id for row in db.scalars(taken)] == [programme.id]
    with pytest.raises(Problem, match="not-found"):
        propose_taking(db, merchant_id=merchant_id, programme_id=uuid7(), by=ONE, now=city.now)


@pytest.mark.parametrize("statement", ["update change set by = null", "delete from change"])
def test_the_application_cannot_alter_what_was_written(db: Session, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), db.begin_nested():
        db.execute(text(statement))

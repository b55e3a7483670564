"""An organisation's key ends one day: a successor is offered, and registered, in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from app import changes
from app.actions import devices, keys
from app.actions.devices import NewDevice
from app.actions.models import ActionState, Device
from app.actions.organisation_keys import may_offer, offer_key, offered_key, register_key
from app.chain import typed
from app.clock import Clock
from app.db import uuid7
from app.errors import Problem
from app.governance import service as governance
from app.identity.models import Organisation, OrganisationKind
from app.identity.organisations import has_good_key
from app.impact.catalogue import catalogue
from app.outbox.models import OutboxItem
from app.rewards.valuing.decided import propose_revocation
from tests.support.city import City

ADMIN, OFFICER, OTHER = uuid7(), uuid7(), uuid7()
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def city(db: Session) -> City:
    return City(db, Clock().now(db).replace(microsecond=0))


def fresh() -> str:
    return typed.address_of(typed.new_key())


def ending(
    city: City, left: timedelta, kind: OrganisationKind = OrganisationKind.ATTESTER
) -> Organisation:
    body = city.organisation(kind)
    body.key_valid_until = city.now + left
    return body


def revoke(db: Session, city: City, body: Organisation) -> None:
    proposal = propose_revocation(
        db, organisation_id=body.id, reason="lost", by=OFFICER, now=city.now
    )
    governance.confirm(db, proposal.id, by=OTHER, now=city.now)


def entered(db: Session, city: City, body: Organisation, key: str = "") -> Device:
    entry = NewDevice("Balance", key or fresh(), ["food-waste-compost"])
    return devices.enter_device(
        db, entry, organisation=body, catalogue=catalogue(), by=ADMIN, now=city.now
    )


@pytest.mark.parametrize(
    ("left", "good", "may"),
    [
        (60 * DAY + SECOND, True, False),
        (60 * DAY, True, True),
        (SECOND, True, True),
        (timedelta(0), False, True),
    ],
)
def test_a_successor_is_offered_near_the_end_and_after_it(
    db: Session, city: City, left: timedelta, good: bool, may: bool
) -> None:
    body, new = ending(city, left), fresh()
    old = body.key_address
    assert (has_good_key(body, city.now), may_offer(body, city.now)) == (good, may)
    if not may:
        with pytest.raises(Problem, match="organisation-key-taken"):
            offer_key(db, body, new, by=ADMIN, now=city.now)
        return
    offer_key(db, body, new, by=ADMIN, now=city.now)
    assert (body.key_address, offered_key(body)) == (old, new)
    assert has_good_key(body, city.now) is good, "an offer changes nothing yet"


def test_until_it_is_registered_the_old_key_goes_on(db: Session, city: City) -> None:
    body, programme = ending(city, 30 * DAY), city.programme()
    clerk, old = city.clerk(body), body.key_address
    before = city.attest(clerk, city.citizen().id, programme)
    new = typed.new_key()
    offer_key(db, body, typed.address_of(new), by=ADMIN, now=city.now)
    assert city.attest(clerk, city.citizen().id, programme).state is ActionState.AUTHENTICATED
    with pytest.raises(Problem, match="another-must-confirm"):
        register_key(db, body.id, by=ADMIN, now=city.now)
    register_key(db, body.id, by=OFFICER, now=city.now)
    assert (body.key_address, offered_key(body)) == (typed.address_of(new), None)
    assert (body.key_valid_from, body.key_revoked_at) == (city.now, None)
    sent = db.scalars(select(OutboxItem).where(col(OutboxItem.key).in_((old, body.key_address))))
    assert [(item.kind, item.key) for item in sent] == [("register_attester", body.key_address)]
    assert before.state is ActionState.AUTHENTICATED, "the chain keeps the old key as it was"
    with pytest.raises(Problem, match="key-not-certified"):
        city.attest(clerk, city.citizen().id, programme)
    city.organisation_keys[body.id] = new
    city.attest(city.clerk(body), city.citizen().id, programme)
    with pytest.raises(Problem, match="organisation-key-taken"):
        register_key(db, body.id, by=OFFICER, now=city.now)


def test_a_key_that_was_registered_once_is_offered_no_more(db: Session, city: City) -> None:
    """The chain takes each once; a browser may keep an old one."""
    body = ending(city, 30 * DAY)
    first, second = str(body.key_address), fresh()
    with pytest.raises(Problem, match="organisation-key-revoked"):
        offer_key(db, body, first, by=ADMIN, now=city.now)
    offer_key(db, body, second, by=ADMIN, now=city.now)
    register_key(db, body.id, by=OFFICER, now=city.now)
    revoke(db, city, body)
    third = fresh()
    offer_key(db, body, third, by=ADMIN, now=city.now)
    register_key(db, body.id, by=OFFICER, now=city.now)
    body.key_valid_until = city.now
    with pytest.raises(Problem, match="organisation-key-revoked"):
        offer_key(db, body, second, by=ADMIN, now=city.now)
    offer_key(db, body, fresh(), by=ADMIN, now=city.now)


def test_another_offer_takes_the_first_one_s_place(db: Session, city: City) -> None:
    body, first, second = ending(city, 30 * DAY), fresh(), fresh()
    offer_key(db, body, first, by=ADMIN, now=city.now)
    offer_key(db, body, second, by=OTHER, now=city.now)
    assert offered_key(body) == second
    offered = changes.changes_of(db, body.id, 1, what=changes.KEY_OFFERED)
    assert [(row.before, row.after) for row in offered] == [({"key": first}, {"key": second})]


def test_what_was_offered_falls_with_the_key_that_is_revoked(db: Session, city: City) -> None:
    """Who took the one may have made the other."""
    body = ending(city, 30 * DAY)
    offer_key(db, body, fresh(), by=ADMIN, now=city.now)
    revoke(db, city, body)
    assert offered_key(body) is None
    with pytest.raises(Problem, match="organisation-key-taken"):
        register_key(db, body.id, by=OFFICER, now=city.now)
    new = fresh()
    offer_key(db, body, new, by=ADMIN, now=city.now)
    register_key(db, body.id, by=OFFICER, now=city.now)
    assert (body.key_address, has_good_key(body, city.now)) == (new, True)


def test_what_somebody_else_offers_is_nobody_s_key(db: Session, city: City) -> None:
    body, other, new = ending(city, 30 * DAY), ending(city, 30 * DAY), fresh()
    offer_key(db, body, new, by=ADMIN, now=city.now)
    with pytest.raises(IntegrityError, match="uq_organisation_next_key_address"), db.begin_nested():
        offer_key(db, other, new, by=ADMIN, now=city.now)
    with pytest.raises(Problem, match="key-known"):
        entered(db, city, body, key=new)


def test_a_key_ends_at_its_last_second(city: City) -> None:
    """As on the chain, where the end itself is out."""
    partner = ending(city, SECOND, OrganisationKind.PARTNER)
    keys.check_organisation_key(partner, city.now)
    with pytest.raises(Problem, match="organisation-key-missing"):
        keys.check_organisation_key(partner, city.now + SECOND)

"""Each end that a restored database has forgotten is done again, once.

The act is committed in a savepoint and its transaction rolled back: the journal has its lines, and
the database is as the backup has it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import journal
from app.actions import device_tokens, devices
from app.actions.device_models import Device
from app.actions.imports import links
from app.actions.models import RiderLink
from app.backup.replaying import replay
from app.identity.openid import service as openid
from app.identity.openid.models import OpenIdIdentity
from app.identity.organisations import revoke_organisation_key
from app.identity.passkeys.models import Passkey
from app.identity.passkeys.service import _cloned
from app.identity.stations import badges
from app.identity.stations import service as stations
from app.identity.stations.models import Station
from app.journal import Journal, Reading
from app.merchants import registration
from app.merchants.bank import Party
from app.privacy import halts
from app.privacy.keys import attach
from app.recovery.carrying import _change_address
from app.recovery.models import Recovery
from app.restoration_models import Restoration
from app.services import Services
from tests.support.belongings import Belongings, made

Act = Callable[[Session, Belongings, datetime], Any]
BY = UUID(int=9)
PURPOSE = halts.objectionable()[0]


class Acceptor:
    def release(self, case_id: UUID, holds: int) -> bytes:
        raise NotImplementedError(case_id, holds)

    def end_recovered_cards(self, case_id: UUID) -> None:
        assert case_id


def _id(world: Belongings, name: str) -> UUID:
    return UUID(world.of[name][0])


def _owner(session: Session, world: Belongings) -> UUID:
    return session.get_one(Passkey, _id(world, "passkey_id")).person_id


def _end_badge(session: Session, world: Belongings, now: datetime) -> None:
    body = _id(world, "organisation_id")
    badges.end_badge(session, _id(world, "badge_id"), now, organisation_id=body)


def _end_station(session: Session, world: Belongings, now: datetime) -> None:
    row = session.get_one(Station, _id(world, "station_id"))
    stations.end_station(session, row.id, row.organisation_id, by=BY, now=now)


def _clone(session: Session, world: Belongings, now: datetime) -> None:
    _cloned(session, session.get_one(Passkey, _id(world, "passkey_id")), now)


def _unlink(session: Session, world: Belongings, now: datetime) -> None:
    openid.unlink(session, _owner(session, world), "A provider", now)


def _end_link(session: Session, world: Belongings, now: datetime) -> None:
    row = session.get_one(RiderLink, _id(world, "link_id"))
    links.end_all(session, row.person_id, now)


def _revoke_device(session: Session, world: Belongings, now: datetime) -> None:
    device = session.get_one(Device, _id(world, "device_id"))
    devices.revoke_device(session, device, for_cause=True, by=BY, now=now)


def _end_token(session: Session, world: Belongings, now: datetime) -> None:
    device = session.get_one(Device, _id(world, "device_id"))
    device_tokens.issue_token(session, device, by=BY, now=now)


def _revoke_body(session: Session, world: Belongings, now: datetime) -> None:
    revoke_organisation_key(session, _id(world, "organisation_id"), now)


def _change(session: Session, world: Belongings, now: datetime) -> None:
    _change_address(session, session.get_one(Recovery, _id(world, "case_id")), Acceptor(), now)


def _halt(session: Session, world: Belongings, now: datetime) -> None:
    halts.halt(session, _owner(session, world), None, now)


def _leave_account(session: Session, world: Belongings, now: datetime) -> None:
    shop, account = _id(world, "merchant_id"), Party("Baker", "FR1420041010050500013M02606")
    said = registration.propose_bank_details(
        session, merchant_id=shop, account=account, by=BY, now=now
    )
    registration.confirm_bank_details(session, merchant_id=shop, by=None, now=now, seen=said.id)


def _limit(most: int) -> Act:
    def act(session: Session, world: Belongings, now: datetime) -> None:
        device = session.get_one(Device, _id(world, "device_id"))
        said = {"actions_per_day": most, "reward_cents_per_day": most}
        devices.set_ceilings(session, device, by=BY, now=now, **said)

    return act


WITHOUT_ADDRESS = """
    select email_lookup is null and not exists (select from passkey)
    from person where id in (select person_id from recovery)
"""
ENDS: dict[str, tuple[Act, str]] = {
    journal.BADGE_ENDED: (_end_badge, "select bool_and(ended_at is not null) from badge"),
    journal.STATION_ENDED: (_end_station, "select ended_by is not null from station"),
    journal.PASSKEY_CLONED: (_clone, "select cloned_at is not null from passkey"),
    journal.OPENID_ENDED: (_unlink, "select count(*) = 0 from openid_identity"),
    journal.RIDER_LINK_ENDED: (_end_link, "select revoked_at is not null from rider_link"),
    journal.DEVICE_TOKEN_ENDED: (_end_token, "select token_hash is null from device"),
    journal.DEVICE_REVOKED: (_revoke_device, "select revoked_for_cause from device"),
    journal.ORGANISATION_KEY_REVOKED: (
        _revoke_body,
        "select bool_or(key_revoked_at is not null) from organisation",
    ),
    journal.USE_HALTED: (_halt, "select count(*) = 1 from halt where ended_at is null"),
    journal.ADDRESS_CHANGED: (_change, WITHOUT_ADDRESS),
    journal.BANK_DETAILS_CONFIRMED: (
        _leave_account,
        "select bool_and(doubted_at is not null) from bank_details",
    ),
    journal.CEILINGS_SET: (_limit(7), "select actions_per_day = 7 from device"),
}


@pytest.fixture(scope="module")
def world(services: Services) -> Belongings:
    found = made(services)
    with services.database.transaction() as session:
        now = services.clock.now(session)
        person = _owner(session, found)
        session.add(
            OpenIdIdentity(lookup=b"o" * 32, person_id=person, linked_at=now, last_used_at=now)
        )
    return found


def forgotten(services: Services, world: Belongings, act: Act, folder: Path) -> Reading:
    """What the journal says of an act of which the database knows nothing."""
    with services.database.engine.connect() as connection, connection.begin() as outer:
        session = Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        attach(session, services.keyring)
        journal.attach(session, Journal(folder))
        with session:
            act(session, world, services.clock.now(session))
            session.commit()
        outer.rollback()
    return Journal(folder).read()


def again(services: Services, reading: Reading) -> dict[str, int]:
    with services.database.transaction() as session:
        return dict(replay(session, reading, services.clock.now(session)).done)


@pytest.mark.parametrize("kind", ENDS)
def test_an_end_is_done_again_once(
    kind: str, services: Services, world: Belongings, tmp_path: Path
) -> None:
    act, ended = ENDS[kind]
    reading = forgotten(services, world, act, tmp_path)
    with services.database.session() as session:
        assert not session.scalar(text(ended)), "as the backup has it"
    assert again(services, reading)[kind] == 1
    with services.database.session() as session:
        assert session.scalar(text(ended))
    assert kind not in again(services, reading), "it is done by now"


def test_a_ceiling_that_may_not_have_been_set_is_only_lowered(
    services: Services, world: Belongings, tmp_path: Path
) -> None:
    for most in (6, 8):
        reading = forgotten(services, world, _limit(most), tmp_path / str(most))
        unsure = Reading(tuple(replace(one, done=False) for one in reading.entries), 0)
        again(services, unsure)
        with services.database.session() as session:
            assert session.scalar(text("select actions_per_day from device")) == 6


def test_a_ceiling_that_was_set_after_a_restore_stays(
    services: Services, world: Belongings, tmp_path: Path
) -> None:
    reading = forgotten(services, world, _limit(5), tmp_path)
    with services.database.transaction() as session:
        _limit(9)(session, world, services.clock.now(session))
    assert again(services, reading) == {}


def test_a_use_that_goes_on_again_is_not_halted(
    services: Services, world: Belongings, tmp_path: Path
) -> None:
    def lift(session: Session, found: Belongings, now: datetime) -> None:
        subject = UUID(found.of["subject"][0])
        halts.halt(session, subject, PURPOSE, now)
        halts.resume(session, subject, PURPOSE, now)

    with services.database.session() as session:
        subject = session.scalar(text("select person_id from recovery"))
    world.of["subject"] = [str(subject)]
    reading = forgotten(services, world, lift, tmp_path)
    assert [one.kind for one in reading.entries] == [journal.USE_HALTED, journal.USE_RESUMED]
    done = again(services, reading)
    assert (done[journal.USE_HALTED], done[journal.USE_RESUMED]) == (1, 1)
    assert again(services, reading) == {}, "it was lifted, and is not begun anew"


def test_who_came_with_a_new_address_after_a_restore_keeps_it(
    services: Services, world: Belongings, tmp_path: Path
) -> None:
    """The journal tells of the change still when the next backup is restored."""
    reading = forgotten(services, world, _change, tmp_path)
    with services.database.transaction() as session:
        theirs = "id in (select person_id from recovery)"
        session.execute(text(f"update person set email_lookup = 'new' where {theirs}"))
        now = services.clock.now(session)
        done = Restoration(restored_at=now, source="a backup", log_end="0/0", report={})
        done.shut, done.opened_at = False, now
        session.add(done)
    assert again(services, reading) == {}

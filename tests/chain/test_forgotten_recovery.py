"""A recovery that a restore forgot and that the chain carries out: its owner goes on with the new
account, since the old one can never be used again."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.chain import typed
from app.chain.contracts.events import At
from app.chain.contracts.recovery_events import AccountMoved
from app.config import DatabaseRole
from app.db import Database, uuid7
from app.identity.blocks import check_not_blocked
from app.identity.models import Account, IdentityLevel, WalletKind
from app.identity.people import register_person
from app.identity.sign_in import find_session, open_session
from app.outbox.models import Incident
from app.recovery import cases, proposing
from app.recovery.carrying import carry_out_next
from app.recovery.models import Seen
from app.recovery.projections import HANDLERS
from app.rewards.models import Programme
from app.rewards.money import ledger
from tests.support.chain_world import World
from tests.support.recovery_on_chain import Acceptor, later

EMAIL = "owner@city.example"
OLD, NEW, OTHER = (typed.address_of(typed.keccak(name.encode())) for name in ("a", "b", "c"))


@pytest.fixture(scope="module")
def programme(world: World) -> Programme:
    """An owner with 100 cents on a device that is lost; somebody else with an account of theirs."""
    made = world.programme()
    with world.transaction() as (session, now):
        owner = register_person(session, EMAIL, level=IdentityLevel.CONTACT, now=now)
        another = register_person(session, None, level=IdentityLevel.CONTACT, now=now)
        session.add_all(
            Account(
                person_id=person.id,
                programme_id=made.id,
                address=address,
                wallet=WalletKind.DEVICE,
                created_at=now,
            )
            for person, address in ((owner, OLD), (another, OTHER))
        )
        people = [(owner, OLD)]
    world.deeds(made, people)
    assert world.cut(made) is not None
    world.settle()
    return made


def recovered(world: World, programme: Programme) -> None:
    with world.transaction() as (session, now):
        case = proposing.propose_device(
            session,
            known_by=EMAIL,
            programme_id=programme.id,
            new_address=NEW,
            seen=Seen.PAPERS,
            by=uuid7(),
            now=now,
        ).id
    world.settle()
    with world.transaction() as (session, now):
        cases.confirm(session, case, by=uuid7(), now=now)
    world.settle()
    later(world, 72)
    with world.transaction() as (session, now):
        assert carry_out_next(session, Acceptor(world), now, set())


def forget(world: World) -> None:
    url = world.services.settings.database_url(DatabaseRole.MIGRATOR)
    backup = Database(url, pool_size=1, name="backup")
    with backup.transaction() as session:
        session.execute(text("delete from recovery"))
    backup.dispose()


def test_its_owner_goes_on_with_the_new_account(world: World, programme: Programme) -> None:
    recovered(world, programme)
    with world.transaction() as (session, now):
        owner = proposing.known_person(session, EMAIL).id
        device = open_session(session, owner, "browser", now)
    forget(world)
    world.settle()
    with world.transaction() as (session, now):
        old, new = (
            session.scalars(select(Account).where(col(Account.address) == one)).one()
            for one in (OLD, NEW)
        )
        assert (old.replaced_at is None, new.replaced_at, new.person_id) == (False, None, owner)
        assert ledger.available(session, NEW, programme.id) == 100
        assert find_session(session, device, now) is None, "the lost device is signed out"
        check_not_blocked(session, owner, now)
        codes = session.scalars(select(col(Incident.code)).where(col(Incident.reference) != ""))
        assert "recovery-unknown" in set(codes)


def test_one_that_moves_onto_another_s_account_stops_nobody(
    world: World, programme: Programme
) -> None:
    """It can't be so in our books; the rest goes on, and a person looks."""
    with world.transaction() as (session, now):
        at = At(1, b"", now, 0, b"", "")
        event = AccountMoved(at, b"\x01" * 32, programme.chain_id, NEW, OTHER, 0)
        HANDLERS[AccountMoved](event, session)
    with world.services.database.session() as session:
        new = session.scalars(select(Account).where(col(Account.address) == NEW)).one()
        assert new.replaced_at is None
        wanted = select(Incident).where(col(Incident.code) == "account-contradicted")
        assert session.scalars(wanted).one().reference == OTHER

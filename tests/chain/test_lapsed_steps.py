"""The chain stands still for longer than a block or a proposal lasts there: what comes too late is
let go, and the officers can begin anew."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from app.chain import typed
from app.db import uuid7
from app.identity.block_models import BlockChannel
from app.identity.models import Account, IdentityLevel, WalletKind
from app.identity.people import register_person
from app.outbox.models import OutboxItem, OutboxState
from app.recovery import blocks, cases, proposing
from app.recovery.models import Recovery, RecoveryState, Seen
from app.rewards.models import Programme
from tests.support.chain_world import World

EMAIL = "late@city.example"


def owner(world: World, programme: Programme, email: str) -> UUID:
    """With an account of their device's."""
    with world.transaction() as (session, now):
        person = register_person(session, email, level=IdentityLevel.CONTACT, now=now)
        session.add(
            Account(
                person_id=person.id,
                programme_id=programme.id,
                address=typed.address_of(typed.new_key()),
                wallet=WalletKind.DEVICE,
                created_at=now,
            )
        )
    return person.id


def stands_still(world: World, hours: int) -> None:
    """The chain alone: its next block comes so much later."""
    world.node.rpc("evm_increaseTime", hours * 3600)
    world.mine()


def proposed(world: World, programme: Programme) -> UUID:
    with world.transaction() as (session, now):
        case = proposing.propose_device(
            session,
            known_by=EMAIL,
            programme_id=programme.id,
            new_address=typed.address_of(typed.new_key()),
            seen=Seen.PAPERS,
            by=uuid7(),
            now=now,
        ).id
    world.settle()
    return case


def state(world: World, kind: str, key: str) -> OutboxState:
    with world.services.database.session() as session:
        mine = col(OutboxItem.kind) == kind, col(OutboxItem.key).startswith(key)
        return session.scalars(select(col(OutboxItem.state)).where(*mine)).one()


def test_a_confirmation_that_comes_after_the_proposal_lapsed_fails_the_case(
    world: World, programme: Programme
) -> None:
    owner(world, programme, EMAIL)
    case = proposed(world, programme)
    with world.transaction() as (session, now):
        cases.confirm(session, case, by=uuid7(), now=now)
    stands_still(world, 73)
    world.settle()
    assert state(world, "confirm_recovery", str(case)) is OutboxState.FAILED
    with world.services.database.session() as session:
        assert session.get_one(Recovery, case).state is RecoveryState.FAILED
    again = proposed(world, programme)
    with world.transaction() as (session, now):
        cases.confirm(session, again, by=uuid7(), now=now)
    world.settle()
    assert state(world, "confirm_recovery", str(again)) is OutboxState.FINAL


def test_a_block_that_ended_by_itself_is_not_lifted_for_ever(
    world: World, programme: Programme
) -> None:
    person = owner(world, programme, "blocked@city.example")
    with world.transaction() as (session, now):
        block = blocks.block_wallet(
            session, person, channel=BlockChannel.COUNTER, by=uuid7(), now=now
        ).id
    with world.transaction() as (session, now):
        blocks.lift_block(session, block, by=uuid7(), now=now)
    with world.services.database.session() as session:
        query = select(OutboxItem).where(col(OutboxItem.kind) == "unblock_account")
        lifting = session.scalars(query).one().id
    with world.transaction() as (session, now):
        session.get_one(OutboxItem, lifting).not_before = now.replace(year=now.year + 1)
    for _ in range(2):
        world.send()
        world.mine(4)
        world.confirm()
        world.index()
    assert state(world, "block_account", str(block)) is OutboxState.FINAL
    stands_still(world, 73)
    with world.transaction() as (session, _):
        session.get_one(OutboxItem, lifting).not_before = None
    world.settle()
    assert state(world, "unblock_account", str(block)) is OutboxState.FAILED

"""A device's account comes back on a real chain: blocks, the two officers, holds that stay, and
what arrives later."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.chain import typed
from app.chain.typed_recovery import Forward, Move, Objection, Release
from app.db import uuid7
from app.identity.block_models import BlockChannel
from app.identity.models import Account, IdentityLevel, WalletKind
from app.identity.people import register_person
from app.identity.sign_in import find_session, open_session
from app.outbox.service import enqueue
from app.recovery import blocks, cases, proposing
from app.recovery.carrying import carry_out_next
from app.recovery.chain import chain_recovery_id
from app.recovery.forwarding import forward_next
from app.recovery.models import Recovery, RecoveryState, Seen
from app.rewards.models import Programme
from app.rewards.money import ledger
from tests.support.accounts_on_chain import accepted, desk
from tests.support.chain_world import World
from tests.support.recovery_on_chain import Acceptor, domain, later, read

OFFICERS = [uuid7() for _ in range(4)]
KEY, NEW_KEY, SHOP = typed.new_key(), typed.new_key(), typed.new_key()
OLD, NEW, PAYEE = (typed.address_of(key) for key in (KEY, NEW_KEY, SHOP))
EMAIL = "owner@city.example"
NONCE = b"\x0a" * 32


@pytest.mark.parametrize(
    ("view", "struct", "whole"),
    [
        ("hashMove", Move(b"\1" * 32, OLD, NEW, 5, NONCE), True),
        ("hashForward", Forward(b"\1" * 32, OLD, 5, NONCE), True),
        ("hashRelease", Release(b"\2" * 32, 7), False),
        ("hashObjection", Objection(b"\2" * 32), False),
        ("hashAcceptance", typed.Acceptance(b"\3" * 32), False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_digests_are_those_of_the_contract(
    world: World, view: str, struct: typed.Struct, whole: bool
) -> None:
    values = tuple(vars(struct).values())
    answer = read(world, "Recovery", view, [values] if whole else list(values))
    assert answer == "0x" + typed.digest(domain(world), struct).hex()


@pytest.fixture(scope="module")
def programme(world: World) -> Programme:
    """A device's owner with 100 cents, of which 30 are accepted and not settled yet."""
    made = world.programme()
    with world.transaction() as (session, now):
        owner = register_person(session, EMAIL, level=IdentityLevel.CONTACT, now=now)
        session.add(
            Account(
                person_id=owner.id,
                programme_id=made.id,
                address=OLD,
                wallet=WalletKind.DEVICE,
                created_at=now,
            )
        )
        enqueue(session, kind="register_payee", key=PAYEE, payload={"payee": PAYEE}, now=now)
        order_id = typed.digest(desk(world), order(made))
        people = [(owner, OLD)]
    world.deeds(made, people)
    assert world.cut(made) is not None
    world.settle()
    with world.transaction() as (session, now):
        ledger.hold(
            session,
            address=OLD,
            programme_id=made.id,
            amount_cents=30,
            reason="payment",
            reference=order_id,
            now=now,
        )
    return made


def order(programme: Programme) -> typed.Order:
    return typed.Order(typed.keccak(b"bread"), programme.chain_id, OLD, PAYEE, 30, 2**40)


def balance(world: World, programme: Programme, address: str) -> int:
    with world.services.database.session() as session:
        return ledger.final_balance(session, address, programme.id)


def test_a_block_reaches_the_chain_and_is_lifted_there(world: World, programme: Programme) -> None:
    with world.transaction() as (session, now):
        owner = proposing.known_person(session, EMAIL).id
        block = blocks.block_wallet(
            session, owner, channel=BlockChannel.COUNTER, by=OFFICERS[0], now=now
        )
        block_id = block.id
    world.settle()
    until = read(world, "Programmes", "frozenUntil", [programme.chain_id, OLD])
    assert isinstance(until, int)
    assert until > 72 * 3600
    with world.transaction() as (session, now):
        blocks.lift_block(session, block_id, by=OFFICERS[1], now=now)
    world.settle()
    assert read(world, "Programmes", "frozenUntil", [programme.chain_id, OLD]) == 0


def test_an_objection_stops_it_on_the_chain_too_and_two_others_end_it(
    world: World, programme: Programme
) -> None:
    case = _confirmed(world, programme, typed.address_of(typed.new_key()))
    with world.transaction() as (session, now):
        cases.contest(session, case, by=OFFICERS[2], now=now)
    world.settle()
    assert _stands(world, case) == 3
    with world.transaction() as (session, now):
        for officer in OFFICERS[2:]:
            cases.vote(session, case, in_favour=False, by=officer, now=now)
    world.settle()
    assert _stands(world, case) == 6
    assert balance(world, programme, OLD) == 100


def test_it_comes_back_after_72_hours_and_the_holds_stay_for_the_shop(
    world: World, programme: Programme
) -> None:
    case = _confirmed(world, programme, NEW)
    later(world, 72)
    with world.transaction() as (session, now):
        lost = open_session(session, proposing.known_person(session, EMAIL).id, "browser", now)
        assert carry_out_next(session, Acceptor(world), now, set())
    world.settle()
    with world.transaction() as (session, now):
        assert find_session(session, lost, now) is None, "the lost device is signed out"
    assert (balance(world, programme, OLD), balance(world, programme, NEW)) == (30, 70)
    with world.services.database.session() as session:
        query = select(Account).where(col(Account.programme_id) == programme.id)
        accounts = {one.address: one for one in session.scalars(query)}
        assert session.get_one(Recovery, case).state is RecoveryState.DONE
    assert accounts[OLD].replaced_at is not None
    assert (accounts[NEW].replaced_at, accounts[NEW].wallet) == (None, WalletKind.DEVICE)
    assert accounts[NEW].person_id == accounts[OLD].person_id


def test_the_accepted_order_still_pays_the_shop(world: World, programme: Programme) -> None:
    struct = order(programme)
    digest = typed.digest(desk(world), struct)
    with world.transaction() as (session, now):
        enqueue(
            session,
            kind="settle_orders",
            key=digest.hex(),
            payload={
                "order": vars(struct),
                "payer_signature": typed.sign(digest, KEY),
                "acceptor_signature": accepted(world, digest),
            },
            now=now,
        )
        ledger.end_hold(session, address=OLD, reason="payment", reference=digest, now=now)
    world.settle()
    assert balance(world, programme, PAYEE) == 30
    assert balance(world, programme, OLD) == 0


def test_what_reaches_the_old_account_later_follows_once(
    world: World, programme: Programme
) -> None:
    refund = typed.Refund(typed.digest(desk(world), order(programme)), PAYEE, 12, NONCE)
    digest = typed.digest(desk(world), refund)
    with world.transaction() as (session, now):
        enqueue(
            session,
            kind="settle_refunds",
            key=digest.hex(),
            payload={
                "refund": vars(refund),
                "order": vars(order(programme)),
                "payee_signature": typed.sign(digest, SHOP),
                "acceptor_signature": accepted(world, digest),
            },
            now=now,
        )
    world.settle()
    assert balance(world, programme, OLD) == 12
    with world.transaction() as (session, now):
        assert forward_next(session, domain(world), Acceptor(world), now, set())
        assert not forward_next(session, domain(world), Acceptor(world), now, set()), "sent once"
    world.settle()
    assert (balance(world, programme, OLD), balance(world, programme, NEW)) == (0, 82)
    with world.services.database.session() as session:
        assert ledger.held(session, OLD, programme.id) == 0


def _confirmed(world: World, programme: Programme, new: str) -> UUID:
    with world.transaction() as (session, now):
        case = proposing.propose_device(
            session,
            known_by=EMAIL,
            programme_id=programme.id,
            new_address=new,
            seen=Seen.PAPERS,
            by=OFFICERS[0],
            now=now,
        ).id
    world.settle()
    assert _stands(world, case) == 1
    with world.transaction() as (session, now):
        cases.confirm(session, case, by=OFFICERS[1], now=now)
    world.settle()
    assert _stands(world, case) == 2
    return case


def _stands(world: World, case: UUID) -> int:
    found = read(world, "Recovery", "recovery", [chain_recovery_id(case)])
    assert isinstance(found, dict)
    return int(found["state"])

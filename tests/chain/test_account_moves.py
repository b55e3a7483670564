"""An owner's changes of account on a real chain: out of the city's keeping, then to another device,
with what arrives late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.chain.typed_recovery import Move
from app.config import DatabaseRole
from app.db import Database
from app.identity.models import Account, IdentityLevel, Person, WalletKind
from app.identity.people import register_person
from app.outbox.models import Incident
from app.recovery.forwarding import forward_next
from app.recovery.moves import open_moves
from app.recovery.moving import Asked, MoveDesk, SignedMove, move_accounts
from app.rewards.models import Programme
from app.rewards.money import ledger
from tests.support.chain_world import World
from tests.support.recovery_on_chain import Acceptor, domain, read

KEYS = {name: typed.keccak(name.encode()) for name in ("city", "telephone", "tablet", "laptop")}
CITY, TELEPHONE, TABLET, LAPTOP = (typed.address_of(key) for key in KEYS.values())
KEY_OF = {typed.address_of(key): key for key in KEYS.values()}


@dataclass
class Signer(Acceptor):
    """As the signer process signs, after its own checks."""

    def announce_move(
        self, announced: UUID, move: Move, receiver_signature: bytes, passkey: dict[str, Any] | None
    ) -> datetime:
        """As after the wait."""
        assert announced
        assert passkey is None
        assert typed.recover(typed.digest(domain(self.world), move), receiver_signature)
        return datetime.now(UTC) - timedelta(minutes=1)

    def sign_move(self, announced: UUID, move: Move) -> bytes:
        assert announced
        return typed.sign(typed.digest(domain(self.world), move), KEYS["city"])

    def accept_move(self, move: Move, wallet: str, announced: UUID | None) -> bytes:
        assert (wallet == "device") is (announced is not None)
        return self.accept_forward(move)


@pytest.fixture(scope="module")
def programme(world: World) -> Programme:
    """Somebody with 100 cents in the city's keeping."""
    made = world.programme()
    with world.transaction() as (session, now):
        owner = register_person(session, None, level=IdentityLevel.CONTACT, now=now)
        session.add(
            Account(
                person_id=owner.id,
                programme_id=made.id,
                address=CITY,
                wallet=WalletKind.CUSTODIAL,
                created_at=now,
            )
        )
        people = [(owner, CITY)]
    world.deeds(made, people)
    assert world.cut(made) is not None
    world.settle()
    return made


def current(session: Session, programme: Programme) -> Account:
    mine = select(Account).where(
        col(Account.programme_id) == programme.id, col(Account.replaced_at).is_(None)
    )
    return session.scalars(mine).one()


def balances(world: World, programme: Programme) -> dict[str, int]:
    with world.services.database.session() as session:
        return {address: ledger.final_balance(session, address, programme.id) for address in KEY_OF}


def move(world: World, programme: Programme, to: str, wallet: WalletKind) -> None:
    with world.transaction() as (session, now):
        left = current(session, programme)
        cents = ledger.available(session, left.address, programme.id)
        struct = Move(programme.chain_id, left.address, to, cents, typed.keccak(to.encode()))
        digest = typed.digest(domain(world), struct)
        one = SignedMove(
            programme_id=programme.id,
            sender=left.address,
            receiver=to,
            amount_cents=cents,
            nonce=struct.nonce,
            receiver_signature=typed.sign(digest, KEY_OF[to]),
            owner_signature=typed.sign(digest, KEY_OF[left.address]),
        )
        desk = MoveDesk(domain(world), Signer(world))
        asked = Asked(left.person_id, wallet, desk, now)
        move_accounts(session, [one], asked)
        if wallet is WalletKind.DEVICE:  # it was announced, and its moment has come
            move_accounts(session, [one], asked)


def test_the_tokens_go_along_and_what_comes_late_follows(
    world: World, programme: Programme
) -> None:
    with world.transaction() as (session, _):
        person = session.get_one(Person, current(session, programme).person_id)
    world.deeds(programme, [(person, CITY)])
    move(world, programme, TELEPHONE, WalletKind.DEVICE)
    world.settle()
    with world.services.database.session() as session:
        entered = current(session, programme)
        assert (entered.address, entered.wallet) == (TELEPHONE, WalletKind.DEVICE)
        assert not open_moves(session, entered.person_id)
    assert world.cut(programme) is not None
    world.settle()
    assert balances(world, programme) == {CITY: 100, TELEPHONE: 100, TABLET: 0, LAPTOP: 0}
    with world.transaction() as (session, now):
        assert forward_next(session, domain(world), Acceptor(world), now, set())
        owned = [ledger.owned(session, one, programme.id) for one in (CITY, TELEPHONE)]
        assert owned == [100, 100], "one balance, also on its way"
    world.settle()
    assert balances(world, programme) == {CITY: 0, TELEPHONE: 200, TABLET: 0, LAPTOP: 0}


def test_on_to_another_device_and_the_chain_knows_who_followed(
    world: World, programme: Programme
) -> None:
    move(world, programme, TABLET, WalletKind.DEVICE)
    world.settle()
    assert balances(world, programme) == {CITY: 0, TELEPHONE: 0, TABLET: 200, LAPTOP: 0}
    for old, new in ((CITY, TELEPHONE), (TELEPHONE, TABLET)):
        assert read(world, "Recovery", "successorOf", [programme.chain_id, old]) == new


def test_what_a_restored_database_has_forgotten_is_its_owner_s_all_the_same(
    world: World, programme: Programme
) -> None:
    move(world, programme, LAPTOP, WalletKind.DEVICE)
    url = world.services.settings.database_url(DatabaseRole.MIGRATOR)
    backup = Database(url, pool_size=1, name="backup")
    with backup.transaction() as session:
        session.execute(text("delete from account_move where done_at is null"))
        session.execute(text("delete from hold where reason = 'move' and ended_at is null"))
    backup.dispose()
    world.settle()
    with world.services.database.session() as session:
        assert current(session, programme).address == LAPTOP
        assert session.scalars(select(col(Incident.code))).all() == ["move-unknown"]
    assert balances(world, programme)[LAPTOP] == 200

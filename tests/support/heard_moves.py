"""Moves to a key of one's own, asked of the signer straight, whether or not the owner is told."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from app.chain import typed
from app.chain.typed_recovery import RECOVERY, Move
from app.config import DatabaseRole
from app.db import Database, uuid7
from app.identity import service as identity
from app.identity.models import Account
from app.identity.sessions import prove
from app.recovery.move_models import AnnouncedMove
from tests.support.signer import ADDRESSES, CHAIN_ID, GENESIS
from tests.support.signer_world import World

DOMAIN = typed.Domain(RECOVERY, CHAIN_ID, ADDRESSES["Recovery"], GENESIS)
KEY = typed.new_key()


def proved(world: World, token: str) -> str:
    with world.services.database.transaction() as session:
        live = identity.find_session(session, token, world.now())
        assert live is not None
        return prove(session, live.id, world.now())


def move(world: World, **changes: Any) -> Move:
    values: dict[str, Any] = {
        "programme_id": world.programme.chain_id,
        "sender": world.mine.address,
        "receiver": typed.address_of(KEY),
        "amount": 600,
        "nonce": secrets.token_bytes(32),
    }
    return Move(**values | changes)


def announced(
    world: World, struct: Move, token: str | None = None, passkey: dict[str, Any] | None = None
) -> tuple[UUID, datetime]:
    """Which, told to its owner, and when the signer says that it may be done."""
    which, ready = asked_alone(world, struct, token, passkey)
    told(world, struct, which)
    return which, ready


def asked_alone(
    world: World, struct: Move, token: str | None = None, passkey: dict[str, Any] | None = None
) -> tuple[UUID, datetime]:
    """Of the signer, and nobody was told."""
    own, which = typed.sign(typed.digest(DOMAIN, struct), KEY), uuid7()
    session = world.signer.for_session(token or world.token)
    return which, session.announce_move(which, struct, own, passkey)


def told(world: World, struct: Move, which: UUID) -> None:
    with world.services.database.transaction() as session:
        account = session.scalars(
            select(Account).where(col(Account.address) == struct.sender)
        ).one()
        row = AnnouncedMove(
            id=which,
            person_id=account.person_id,
            account_id=account.id,
            new_address=struct.receiver,
            asked_at=world.now(),
            ready_at=world.now(),
        )
        session.add(row)


def waited(world: World, *, hours: int = 72) -> None:
    as_owner(
        world,
        "update signer.heard_move set heard_at = heard_at - :span, ready_at = ready_at - :span",
        span=timedelta(hours=hours),
    )


def as_owner(world: World, statement: str, **values: Any) -> None:
    """By the database's owner: neither application nor signer may."""
    url = world.services.settings.database_url(DatabaseRole.MIGRATOR)
    owner = Database(url, pool_size=1, name="owner")
    with owner.transaction() as session:
        session.execute(text(statement), values)
    owner.dispose()


def ripe(world: World, struct: Move, token: str | None = None) -> UUID:
    which, _ = announced(world, struct, token)
    waited(world)
    return which


def as_application(world: World, statement: str) -> None:
    with world.services.database.transaction() as session:
        session.execute(text(statement))

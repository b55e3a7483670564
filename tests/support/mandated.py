"""Somebody acts for the world's first citizen: named with the signer's knowledge, and accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.chain import typed
from app.identity import service as identity
from app.identity.mandates import service as mandates
from app.identity.mandates.models import Act, Mandate, StepKind
from app.identity.models import IdentityLevel
from app.identity.sessions import prove
from tests.support.signer_world import World

DAY_CENTS = 1000
ALL = frozenset(Act)


@dataclass
class Mandated:
    """`token`: the representative's session; `giver`: the citizen's."""

    world: World
    mandate: Mandate
    representative: UUID
    token: str
    giver: str

    def sign(self, order: typed.Order, mandate_id: UUID | None = None) -> bytes:
        under = mandate_id or self.mandate.id
        return self.world.signer.for_session(self.token).sign_order_for(order, mandate_id=under)

    def end(self, by: UUID | None = None) -> None:
        with self.world.services.database.transaction() as session:
            party = by or self.mandate.person_id
            mandates.end(session, self.mandate.id, party=party, by=party, now=self.world.now())


def word_of(mandate: Mandate, **changes: Any) -> dict[str, Any]:
    """What the giver says to the signer."""
    return mandates.word_of(mandate) | changes


def scope(now: datetime, acts: frozenset[Act] = ALL, day_cents: int = DAY_CENTS) -> mandates.Scope:
    paid = day_cents if Act.PAY in acts else None
    return mandates.Scope(acts, now + timedelta(days=30), paid)


def offered(world: World, acts: frozenset[Act] = ALL, *, day_cents: int = DAY_CENTS) -> Mandated:
    """Named, neither said to the signer nor accepted. Both are signed in, the giver just proved."""
    with world.services.database.transaction() as session:
        now = world.now()
        email = f"representative-{now.timestamp()}@mandates.example"
        level = IdentityLevel.CONTACT
        named = identity.register_person(session, email, level=level, now=now).id
        made = mandates.offer(
            session, world.mine.person_id, email, scope(now, acts, day_cents), now=now
        )
        token = identity.open_session(session, named, "api", now)
        own = identity.open_session(session, world.mine.person_id, "api", now)
        live = identity.find_session(session, own, now)
        assert live is not None
        return Mandated(world, made, named, token, prove(session, live.id, now))


def mandated(world: World, acts: frozenset[Act] = ALL, *, day_cents: int = DAY_CENTS) -> Mandated:
    made = offered(world, acts, day_cents=day_cents)
    if Act.PAY in acts:
        world.signer.for_session(made.giver).allow_mandate(word_of(made.mandate))
    accept(made)
    return made


def accept(made: Mandated) -> None:
    with made.world.services.database.transaction() as session:
        by, now = made.representative, made.world.now()
        mandates.accept(session, made.mandate.id, by=by, now=now)


def invented(made: Mandated, **changes: Any) -> UUID:
    """What a web process can write with its database role: a mandate that nobody gave."""
    with made.world.services.database.transaction() as session:
        now = made.world.now()
        told = made.mandate.model_dump(exclude={"id"}) | changes
        row = Mandate.model_validate(told)
        session.add(row)
        session.flush()
        mandates.add_step(session, row.id, StepKind.ACCEPTED, by=row.representative_id, now=now)
        return row.id


def proved(world: World, token: str) -> str:
    """The same session, just proved; its new token."""
    with world.services.database.transaction() as session:
        now = world.now()
        live = identity.find_session(session, token, now)
        assert live is not None
        return prove(session, live.id, now)

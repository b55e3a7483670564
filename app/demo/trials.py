"""Small attacks of the demo on itself: a second time, and in another's name."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.attestation import KIND, Signed, deed_of, record_by_attester
from app.actions.models import Action, ActionState, Attestation, Channel
from app.actions.recording import Doer
from app.actions.telling import Telling
from app.chain import typed
from app.chain.signer_protocol import struct_from_json
from app.db import uuid7
from app.demo.world import DemoError, World
from app.errors import Problem
from app.identity.models import Organisation
from app.identity.service import find_account
from app.merchants.models import Merchant
from app.rewards.valuing.authenticate import Money
from app.rewards.valuing.terms import terms_of

_EXECUTED = text("""
    select count(*), count(distinct coalesce(arguments->>'refundId', arguments->>'orderId'))
    from chain_log where event in ('OrderExecuted', 'RefundExecuted')
""")


class BrokenPromiseError(DemoError):
    """A promise did not hold; the text says what was seen."""


def must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BrokenPromiseError(otherwise)


def second_time(world: World) -> str:
    """The newest settled deed's signed statement comes in again, then everything is counted."""
    code = _replay(world)
    must(code == "pk_attestation", f"a statement sent twice was answered with {code}")
    with world.parts.database.session() as session:
        executed, different = session.execute(_EXECUTED).one()
        rewarded = select(func.count()).where(col(Action.state) == ActionState.SETTLED)
        statements = session.scalar(
            rewarded.where(col(Action.channel) == Channel.ATTESTER).with_only_columns(
                func.count(col(Action.attestation_digest))
                - func.count(col(Action.attestation_digest).distinct())
            )
        )
    must(statements == 0, f"{statements} statements were settled twice")
    must(executed == different > 0, f"of {executed} orders only {different} are different")
    return (
        "a signed statement sent again was refused; the chain executed "
        f"{executed} orders and refunds, each once"
    )


def _replay(world: World) -> str | None:
    """The constraint or the code by which the newest settled statement is refused now."""
    newest = (
        select(Action)
        .where(col(Action.state) == ActionState.SETTLED, col(Action.channel) == Channel.ATTESTER)
        .order_by(col(Action.recorded_at).desc())
    )
    with world.parts.database.session() as session:
        action = session.scalars(newest.limit(1)).one()
        kept = session.get_one(Attestation, action.attestation_digest)
        session.expunge(kept)
        must(kept.kind == KIND, "not a clerk's statement")
        try:
            _record_again(world, session, action, kept)
        except IntegrityError as error:
            return str(getattr(getattr(error.orig, "diag", None), "constraint_name", None))
        except Problem as problem:
            return problem.code
        finally:
            session.rollback()
    return None


def _record_again(world: World, session: Session, action: Action, kept: Attestation) -> None:
    now = world.now(session)
    struct = struct_from_json(typed.Attestation, kept.statement)
    record_by_attester(
        session,
        terms=terms_of(session, world.programme(session), now),
        catalogue=world.catalogue,
        domain=world.domain,
        organisation=session.get_one(Organisation, kept.organisation_id),
        clerk_id=_clerk(action),
        doer=Doer(action.person_id, action.account_address),
        statement=Signed(struct, kept.signature),
        deed=deed_of(world.catalogue, struct, Telling()),
        now=now,
        valuer=Money(world.catalogue).value,
    )


def _clerk(action: Action) -> UUID:
    if action.entered_by is None:
        raise BrokenPromiseError("an attested action has no clerk")
    return action.entered_by


def refused_by_signer(world: World, owner: UUID, token: str) -> str | None:
    """The code with which the signer refuses to spend from `owner` for this session."""
    with world.parts.database.session() as session:
        programme = world.programme(session)
        account = find_account(session, owner, programme.id)
        shop = world.organisation(session, world.city.shops[0].slug)
        payee = session.get_one(Merchant, shop.id).address
        until = int(world.now(session).timestamp()) + 60
    if account is None:
        raise BrokenPromiseError("the owner has no account")
    order = typed.Order(
        payment_id=typed.keccak(uuid7().bytes),
        programme_id=programme.chain_id,
        payer=account.address,
        payee=payee,
        amount=1,
        requested_until=until,
    )
    try:
        world.parts.signer.for_session(token).sign_order(order)
    except Problem as problem:
        return problem.code
    return None

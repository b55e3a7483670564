"""What the signer finds out for itself before it signs, with its own database role.

It believes what is committed in the database, and a session token only if its hash is there.
Nothing that the asker merely says counts, except the token. Locks nothing that others lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import AttesterKey
from app.chain import typed
from app.errors import Problem
from app.identity.models import (
    Account,
    KeyCustody,
    Organisation,
    Role,
    RoleGrant,
    SignedOrder,
    SignInSession,
    WalletKind,
)
from app.identity.roles import PASSKEY_ROLES, in_force
from app.identity.sessions import is_fresh
from app.identity.sign_in import token_hash
from app.merchants.models import Merchant, PayeeState, PaymentOrder
from app.rewards.models import Programme
from workers.signer.limits import Limits

PAYMENT_WINDOW = timedelta(minutes=5)
DAY = timedelta(hours=24)
REQUEST_LASTS = timedelta(minutes=15)  # a request lives five; clocks and queues have room

_SIGNS_AS_ORGANISATION = {
    "attestation": (Role.ATTESTER, Role.ATTESTER_ADMIN),
    "key_certificate": (Role.ATTESTER_ADMIN,),
    "import": (Role.PARTNER,),
}


@dataclass(frozen=True)
class Asker:
    """Whose session the token is of, what stands behind it, and whether that is fresh."""

    person_id: UUID
    by_passkey: bool
    proved: bool


def check_session(
    session: Session, token: str, session_id: str | None, now: datetime, *, code_will_do: bool
) -> Asker:
    """Of a live session. `code_will_do`: in a demo, where staff need no passkey."""
    live = SignInSession
    found = session.execute(
        select(col(live.id), col(live.person_id), col(live.passkey_id), col(live.proved_at)).where(
            col(SignInSession.token_hash) == token_hash(token),
            col(SignInSession.ended_at).is_(None),
            col(SignInSession.expires_at) > now,
        )
    ).one_or_none()
    if found is None or session_id not in (None, str(found.id)):
        raise Problem("signer-no-session")
    by_passkey = code_will_do or found.passkey_id is not None
    return Asker(UUID(str(found.person_id)), by_passkey, is_fresh(found.proved_at, now))


def check_account(session: Session, order: typed.Order, person_id: UUID) -> None:
    """The payer's account is custodial, the person's own, and of the order's programme."""
    account = session.execute(
        select(col(Account.person_id), col(Account.wallet), col(Programme.chain_id))
        .join(Programme, col(Programme.id) == col(Account.programme_id))
        .where(col(Account.address) == order.payer)
    ).one_or_none()
    if account is None or account.person_id != person_id:
        raise Problem("signer-not-owner")
    if account.wallet is not WalletKind.CUSTODIAL:
        raise Problem("signer-key-not-held")
    if account.chain_id != order.programme_id:
        raise Problem("signer-order-refused")


def check_payee(session: Session, payee: str) -> None:
    """Registered and open: neither proposed nor closing."""
    state = session.scalar(select(col(Merchant.state)).where(col(Merchant.address) == payee))
    if state is not PayeeState.ACTIVE:
        raise Problem("signer-payee-not-active")


def check_fresh(order: typed.Order, now: datetime) -> None:
    """A request's life is short: nothing is signed for later."""
    until = order.requested_until
    if not now.timestamp() <= until <= (now + REQUEST_LASTS).timestamp():
        raise Problem("signer-order-refused")
    if order.amount <= 0:
        raise Problem("signer-order-refused")


def count_order(
    session: Session,
    order_id: bytes,
    order: typed.Order,
    *,
    asker: Asker,
    limits: Limits,
    now: datetime,
    by_card: bool = False,
) -> None:
    """Counts the order, once, against the ceilings of the person and of the account, since others
    say whose account it is; one order of either at a time."""
    for who in (str(asker.person_id), order.payer):  # everywhere in this order: no deadlock
        session.execute(
            text("select pg_advisory_xact_lock(hashtextextended(:who, 0))"), {"who": who}
        )
    if session.get(SignedOrder, order_id) is not None:
        return
    _check_ceilings(session, order, asker=asker, limits=limits, now=now)
    if by_card:
        _check_card_ceilings(session, order, asker.person_id, limits=limits, now=now)
    signed = SignedOrder(
        id=order_id,
        person_id=asker.person_id,
        payer_address=order.payer,
        payee_address=order.payee,
        amount_cents=order.amount,
        by_card=by_card,
        signed_at=now,
    )
    session.add(signed)
    session.flush()


def _check_ceilings(
    session: Session, order: typed.Order, *, asker: Asker, limits: Limits, now: datetime
) -> None:
    own = _own(order, asker.person_id)
    to_shop = _to_shop(session, order, own, now=now)
    if to_shop > limits.payment_cents:
        raise Problem("signer-payment-ceiling", ceiling_cents=limits.payment_cents)
    if _signed(session, own, since=now - DAY) + order.amount > limits.day_cents:
        raise Problem("signer-day-ceiling", ceiling_cents=limits.day_cents)
    if to_shop > limits.step_up_cents and not asker.proved:
        raise Problem("step-up-needed")


def _check_card_ceilings(
    session: Session, order: typed.Order, person_id: UUID, *, limits: Limits, now: datetime
) -> None:
    """Of what was ordered by card alone."""
    own = _own(order, person_id), col(SignedOrder.by_card).is_(True)
    if _to_shop(session, order, *own, now=now) > limits.card_payment_cents:
        raise Problem("signer-card-payment-ceiling", ceiling_cents=limits.card_payment_cents)
    if _signed(session, *own, since=now - DAY) + order.amount > limits.card_day_cents:
        raise Problem("signer-card-day-ceiling", ceiling_cents=limits.card_day_cents)


def _own(order: typed.Order, person_id: UUID) -> ColumnElement[bool]:
    return or_(
        col(SignedOrder.person_id) == person_id, col(SignedOrder.payer_address) == order.payer
    )


def _to_shop(
    session: Session, order: typed.Order, *which: ColumnElement[bool], now: datetime
) -> int:
    """With this order, in five minutes."""
    shop = col(SignedOrder.payee_address) == order.payee
    return _signed(session, *which, shop, since=now - PAYMENT_WINDOW) + order.amount


def _signed(session: Session, *which: ColumnElement[bool], since: datetime) -> int:
    total = select(func.coalesce(func.sum(col(SignedOrder.amount_cents)), 0)).where(
        *which, col(SignedOrder.signed_at) > since
    )
    return int(session.scalar(total) or 0)


def check_refund(session: Session, refund: typed.Refund, asker: Asker, now: datetime) -> None:
    """The order was paid to this merchant, whose key is here and for whom the person works."""
    merchant = merchant_held_here(session, refund)
    check_role(session, asker, (Role.MERCHANT,), merchant.organisation_id, now)
    refunded_order(session, refund)


def merchant_held_here(session: Session, refund: typed.Refund) -> Merchant:
    """The merchant that gives back, whose key is here."""
    merchant = session.scalar(select(Merchant).where(col(Merchant.address) == refund.payee))
    if merchant is None or merchant.custody is not KeyCustody.SERVER:
        raise Problem("signer-key-not-held")
    return merchant


def refunded_order(session: Session, refund: typed.Refund) -> PaymentOrder:
    """The order, paid to this merchant, of at least as much."""
    order = session.get(PaymentOrder, refund.order_id)
    if order is None or order.payee_address != refund.payee:
        raise Problem("signer-order-refused")
    if not 0 < refund.amount <= order.amount_cents:
        raise Problem("signer-order-refused")
    return order


def check_statement_key(
    session: Session, address: str, kind: str, *, speaker: str, asker: Asker, now: datetime
) -> None:
    """The key is held here with its holder's knowledge, the person may use it, and it speaks
    for its own organisation, whose key is `speaker`."""
    organisation = session.scalar(
        select(Organisation).where(col(Organisation.key_address) == address)
    )
    if organisation is not None:
        if speaker != address:
            raise Problem("signer-not-owner")
        if organisation.key_custody is not KeyCustody.SERVER or organisation.key_revoked_at:
            raise Problem("signer-key-not-held")
        check_role(session, asker, _SIGNS_AS_ORGANISATION[kind], organisation.id, now)
        return
    clerk = session.get(AttesterKey, address)
    if clerk is None or clerk.custody is not KeyCustody.SERVER or clerk.revoked_at:
        raise Problem("signer-key-not-held")
    own = session.get_one(Organisation, clerk.organisation_id)
    if kind != "attestation" or clerk.person_id != asker.person_id or own.key_address != speaker:
        raise Problem("signer-not-owner")
    check_role(session, asker, (Role.ATTESTER,), clerk.organisation_id, now)


def check_role(
    session: Session,
    asker: Asker,
    roles: tuple[Role, ...],
    organisation_id: UUID,
    now: datetime,
) -> None:
    """Those of PASSKEY_ROLES count only in a session that a passkey stands behind."""
    count = [role for role in roles if asker.by_passkey or role not in PASSKEY_ROLES]
    held = exists().where(
        col(RoleGrant.person_id) == asker.person_id,
        col(RoleGrant.role).in_(count),
        col(RoleGrant.organisation_id) == organisation_id,
        in_force(now),
    )
    if not session.scalar(select(held)):
        raise Problem("signer-not-owner")

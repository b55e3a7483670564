"""What the signer finds out for itself before it signs, with its own database role.

It believes what is committed in the database, and a session token only if its hash is there.
Nothing that the asker merely says counts, except the token. Locks nothing that others lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import AttesterKey
from app.chain import typed
from app.errors import Problem
from app.identity.blocks import check_not_blocked
from app.identity.models import (
    Account,
    KeyCustody,
    Organisation,
    Role,
    RoleGrant,
    SignInSession,
    WalletKind,
)
from app.identity.roles import PASSKEY_ROLES, in_force
from app.identity.sessions import is_fresh
from app.identity.stations.models import Station
from app.identity.stations.shift_rules import awake
from app.identity.tokens import token_hash
from app.merchants.models import Merchant, PayeeState, PaymentOrder
from app.recovery.models import Recovery, RecoveryState
from app.rewards.models import Hold, Programme

REQUEST_LASTS = timedelta(minutes=15)  # a request lives five; clocks and queues have room

_SIGNS_AS_ORGANISATION = {
    "attestation": (Role.ATTESTER, Role.ATTESTER_ADMIN),
    "key_certificate": (Role.ATTESTER_ADMIN,),
    "import": (Role.PARTNER,),
}


@dataclass(frozen=True)
class Asker:
    """Whose session the token is of, what stands behind it, and whether that is fresh.

    `workplace`: in a shift, the one organisation for which it counts, and nothing else does.
    """

    person_id: UUID
    by_passkey: bool
    proved: bool
    workplace: UUID | None = None


def check_session(
    session: Session, token: str, session_id: str | None, now: datetime, *, code_will_do: bool
) -> Asker:
    """Of a live session. `code_will_do`: in a demo, where staff need no passkey."""
    live = SignInSession
    found = session.execute(
        select(
            col(live.id),
            col(live.person_id),
            col(live.passkey_id),
            col(live.proved_at),
            col(live.station_id),
            col(Station.organisation_id),
        )
        .outerjoin(Station, col(Station.id) == col(live.station_id))
        .where(
            col(live.token_hash) == token_hash(token),
            col(live.ended_at).is_(None),
            col(live.expires_at) > now,
            awake(now),
        )
    ).one_or_none()
    if found is None or session_id not in (None, str(found.id)):
        raise Problem("signer-no-session")
    behind = code_will_do or found.passkey_id is not None
    by_passkey = behind and found.station_id is None  # never in a shift
    proved = is_fresh(found.proved_at, now)
    return Asker(UUID(str(found.person_id)), by_passkey, proved, found.organisation_id)


def check_own(asker: Asker) -> None:
    """What is a person's own is none of a shift's, which a badge opened."""
    if asker.workplace is not None:
        raise Problem("signer-not-owner")


def check_account(
    session: Session, address: str, programme_id: bytes, person_id: UUID, now: datetime
) -> None:
    """The account is custodial, the person's own, of the programme, and not blocked."""
    account = session.execute(
        select(col(Account.person_id), col(Account.wallet), col(Programme.chain_id))
        .join(Programme, col(Programme.id) == col(Account.programme_id))
        .where(col(Account.address) == address, col(Account.replaced_at).is_(None))
    ).one_or_none()
    if account is None or account.person_id != person_id:
        raise Problem("signer-not-owner")
    if account.wallet is not WalletKind.CUSTODIAL:
        raise Problem("signer-key-not-held")
    if account.chain_id != programme_id:
        raise Problem("signer-order-refused")
    check_not_blocked(session, person_id, now)


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


def ripe_case(session: Session, case_id: UUID, now: datetime) -> Recovery:
    """Confirmed by two, its time over, nobody's objection standing."""
    case = session.get(Recovery, case_id)
    ripe = case is not None and case.state in (RecoveryState.CONFIRMED, RecoveryState.APPROVED)
    if case is None or not ripe or case.ready_at is None or not case.ready_at <= now < case.ends_at:
        raise Problem("signer-order-refused")
    return case


def check_release(session: Session, case_id: UUID, holds: int, now: datetime) -> None:
    """The recovery is ripe, and these are the holds of the old account."""
    case = ripe_case(session, case_id, now)
    if case.account_id is None:  # of no device: there is nothing to give back on the chain
        raise Problem("signer-order-refused")
    open_holds = (
        select(func.coalesce(func.sum(col(Hold.amount_cents)), 0))
        .join(Account, col(Account.address) == col(Hold.address))
        .where(col(Account.id) == case.account_id, col(Hold.ended_at).is_(None))
    )
    if session.scalar(open_holds) != holds:
        raise Problem("signer-order-refused")


def check_replaced(session: Session, address: str) -> None:
    known = select(col(Account.replaced_at)).where(col(Account.address) == address)
    if session.scalar(known) is None:
        raise Problem("signer-order-refused")


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
    if asker.workplace not in (None, organisation_id):
        raise Problem("signer-not-owner")
    held = exists().where(
        col(RoleGrant.person_id) == asker.person_id,
        col(RoleGrant.role).in_(count),
        col(RoleGrant.organisation_id) == organisation_id,
        in_force(now),
    )
    if not session.scalar(select(held)):
        raise Problem("signer-not-owner")

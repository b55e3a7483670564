"""A shop becomes a payee: one officer enters it, another confirms, the chain makes it final.

The payee's key is made and held by the signer, and said to be (`custody`). Bank details are a
history: the latest row that a second person confirmed counts. Callers commit.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.db import uuid7
from app.errors import NotFound, Problem
from app.identity.accounts import KeyMaker
from app.identity.models import KeyCustody, Organisation, Role, RoleGrant
from app.merchants.bank import Party, parse_iban
from app.merchants.models import BankDetails, Merchant, MerchantProgramme, PayeeState
from app.merchants.payments import merchant_of
from app.outbox.models import OutboxItem, OutboxState
from app.outbox.service import enqueue
from app.privacy.service import Ref, create_subject, seal
from app.rewards.models import Programme


@dataclass(frozen=True)
class NewMerchant:
    """What an officer enters; the organisation exists already."""

    organisation_id: UUID
    account_holder: str
    iban: str
    programme_ids: Sequence[UUID] = ()
    fee_basis_points: int = 0


def propose_merchant(
    session: Session, entry: NewMerchant, *, signer: KeyMaker, by: UUID | None, now: datetime
) -> Merchant:
    """Everything about a payee except that it counts. `by` None: the installation itself."""
    merchant_id = entry.organisation_id
    if session.get(Organisation, merchant_id) is None:
        raise NotFound("merchant-unknown")
    if session.get(Merchant, merchant_id) is not None:
        raise Problem("merchant-exists")
    check_not_own_shop(session, merchant_id, by)
    merchant = Merchant(
        organisation_id=merchant_id,
        subject_id=create_subject(session, now),
        address=signer.new_account(),
        custody=KeyCustody.SERVER,
        till_number=_free_till_number(session),
        state=PayeeState.PROPOSED,
        fee_basis_points=entry.fee_basis_points,
        created_at=now,
        proposed_by=by,
    )
    session.add(merchant)
    session.flush()
    account = Party(entry.account_holder, entry.iban)
    propose_bank_details(session, merchant_id=merchant_id, account=account, by=by, now=now)
    for programme_id in entry.programme_ids:
        take_programme(session, merchant_id=merchant_id, programme_id=programme_id, by=by, now=now)
    return merchant


def confirm_merchant(
    session: Session,
    *,
    merchant_id: UUID,
    by: UUID | None,
    now: datetime,
    seen: UUID,
) -> Merchant:
    """The second officer; with it go the first bank details and the registration on the chain."""
    merchant = _locked(session, merchant_id)
    if merchant.state is not PayeeState.PROPOSED:
        raise Problem("nothing-to-confirm")
    _check_second_person(merchant.proposed_by, by)
    check_not_own_shop(session, merchant_id, by)
    merchant.state = PayeeState.PENDING
    merchant.confirmed_by, merchant.confirmed_at = by, now
    confirm_bank_details(session, merchant_id=merchant_id, by=by, now=now, seen=seen)
    enqueue(
        session,
        kind="register_payee",
        key=merchant.address,
        payload={"payee": merchant.address},
        now=now,
    )
    session.flush()
    return merchant


def propose_bank_details(
    session: Session, *, merchant_id: UUID, account: Party, by: UUID | None, now: datetime
) -> BankDetails:
    """Sealed at once; paid to only after a second person confirmed."""
    iban = parse_iban(account.iban)
    if iban is None:
        raise Problem("iban-invalid", field="iban")
    subject_id = merchant_of(session, merchant_id).subject_id
    row_id = uuid7()
    holder_place = Ref("bank_details", "account_holder_sealed", row_id)
    iban_place = Ref("bank_details", "iban_sealed", row_id)
    details = BankDetails(
        id=row_id,
        merchant_id=merchant_id,
        account_holder_sealed=seal(session, subject_id, holder_place, account.name),
        iban_sealed=seal(session, subject_id, iban_place, iban),
        proposed_by=by,
        proposed_at=now,
    )
    session.add(details)
    session.flush()
    return details


def confirm_bank_details(
    session: Session,
    *,
    merchant_id: UUID,
    by: UUID | None,
    now: datetime,
    seen: UUID,
) -> BankDetails:
    """Confirms what was proposed last; what was proposed before it never counts.

    `seen`: the row that the second person read; another proposed meanwhile is not confirmed.
    """
    details = details_to_confirm(session, merchant_id)
    if details.id != seen:
        raise Problem("details-changed")
    _check_second_person(details.proposed_by, by)
    check_not_own_shop(session, merchant_id, by)
    details.confirmed_by, details.confirmed_at = by, now
    journal.note(session, journal.BANK_DETAILS_CONFIRMED, now, merchant=merchant_id)
    session.flush()
    return details


def details_to_confirm(session: Session, merchant_id: UUID) -> BankDetails:
    """What was entered last and waits, locked. Raises Problem nothing-to-confirm."""
    details = session.scalar(
        select(BankDetails)
        .where(col(BankDetails.merchant_id) == merchant_id)
        .order_by(col(BankDetails.id).desc())
        .limit(1)
        .with_for_update()
    )
    if details is None or details.confirmed_at is not None:
        raise Problem("nothing-to-confirm")
    return details


def take_programme(
    session: Session, *, merchant_id: UUID, programme_id: UUID, by: UUID | None, now: datetime
) -> None:
    """The shop takes this programme's tokens from now on; saying it twice changes nothing."""
    merchant_of(session, merchant_id)
    if session.get(Programme, programme_id) is None:
        raise Problem("not-found", field="programme_ids")
    row = {"merchant_id": merchant_id, "programme_id": programme_id, "since": now, "by": by}
    session.execute(insert(MerchantProgramme).values(row).on_conflict_do_nothing())


def close_merchant(session: Session, *, merchant_id: UUID, now: datetime) -> Merchant:
    """No new payments; what was accepted before still arrives and is paid out."""
    merchant = _locked(session, merchant_id)
    if merchant.state is not PayeeState.ACTIVE:
        raise Problem("payee-not-active")
    merchant.state = PayeeState.CLOSING
    enqueue(
        session,
        kind="set_payee_state",
        key=_closing_key(session, merchant.address),
        payload={"payee": merchant.address, "state": 2},
        now=now,
    )
    session.flush()
    return merchant


def _closing_key(session: Session, address: str) -> str:
    """A shop that the chain has opened again since is closed anew, by a row of its own."""
    closed = select(func.count()).where(
        col(OutboxItem.kind) == "set_payee_state",
        col(OutboxItem.key).startswith(f"{address}:closing"),
        col(OutboxItem.state) == OutboxState.FINAL,
    )
    times = session.scalar(closed) or 0
    return f"{address}:closing:{times + 1}" if times else f"{address}:closing"


def _locked(session: Session, merchant_id: UUID) -> Merchant:
    merchant = session.get(Merchant, merchant_id, with_for_update=True, populate_existing=True)
    if merchant is None:
        raise NotFound("merchant-unknown")
    return merchant


def _check_second_person(first: UUID | None, second: UUID | None) -> None:
    if first is not None and first == second:
        raise Problem("second-person-needed")


def check_not_own_shop(session: Session, organisation_id: UUID, person: UUID | None) -> None:
    """Nobody decides on a shop that they work for."""
    own = exists().where(
        col(RoleGrant.person_id) == person,
        col(RoleGrant.organisation_id) == organisation_id,
        col(RoleGrant.role) == Role.MERCHANT,
    )
    if session.scalar(select(own)):
        raise Problem("second-person-needed")


def _free_till_number(session: Session) -> str:
    """Six digits that no till has; the column is unique in any case."""
    while True:
        number = f"{secrets.randbelow(900_000) + 100_000}"
        taken = select(col(Merchant.till_number)).where(col(Merchant.till_number) == number)
        if session.scalar(taken) is None:
            return number

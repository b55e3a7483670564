"""Accounts: one address per person and programme, random where the operator holds the key.

The signer makes custodial keys and never gives them out; only the address comes here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session
from sqlmodel import col

from app.db import uuid7
from app.identity.models import Account, WalletKind


class KeyMaker(Protocol):
    """Who makes custodial keys: app.chain.signer.SignerClient."""

    def new_account(self) -> str: ...


def account_for(
    session: Session, person_id: UUID, programme_id: UUID, *, signer: KeyMaker, now: datetime
) -> Account:
    """The person's account in a programme, made if there is none yet; not committed.

    Of two requests at once one makes it; the other's key stays unused for ever.
    Raises Problem signer-away when a key is needed and the signer does not answer.
    """
    known = find_account(session, person_id, programme_id)
    if known is not None:
        return known
    row = _once().values(
        id=uuid7(),
        person_id=person_id,
        programme_id=programme_id,
        address=signer.new_account(),
        wallet=WalletKind.CUSTODIAL,
        created_at=now,
    )
    session.execute(row)
    return session.scalars(_of(person_id, programme_id)).one()


def addresses_for(
    session: Session,
    people: Collection[UUID],
    programme_id: UUID,
    *,
    signer: KeyMaker,
    now: datetime,
) -> dict[UUID, str]:
    """The address of each of these people in a programme; as `account_for`, asked at once."""
    found = _addresses(session, people, programme_id)
    missing = sorted(person for person in people if person not in found)  # one order, no deadlock
    if not missing:
        return found
    made = [
        {
            "id": uuid7(),
            "person_id": person,
            "programme_id": programme_id,
            "address": signer.new_account(),
            "wallet": WalletKind.CUSTODIAL,
            "created_at": now,
        }
        for person in missing
    ]
    session.connection().execute(_once(), made)
    return found | _addresses(session, missing, programme_id)


def _addresses(session: Session, people: Collection[UUID], programme_id: UUID) -> dict[UUID, str]:
    query = select(col(Account.person_id), col(Account.address)).where(
        col(Account.programme_id) == programme_id,
        col(Account.person_id).in_(list(people)),
        col(Account.replaced_at).is_(None),
    )
    return {row.person_id: row.address for row in session.execute(query)}


def find_account(session: Session, person_id: UUID, programme_id: UUID) -> Account | None:
    return session.scalars(_of(person_id, programme_id)).one_or_none()


def accounts_of(session: Session, person_id: UUID) -> Sequence[Account]:
    """All accounts of a person, replaced ones too, oldest first."""
    own = select(Account).where(col(Account.person_id) == person_id)
    return session.scalars(own.order_by(col(Account.id))).all()


def owner_of(session: Session, address: str) -> UUID | None:
    """Whose account this is: the link that is kept off the chain."""
    return session.scalar(select(col(Account.person_id)).where(col(Account.address) == address))


def _of(person_id: UUID, programme_id: UUID) -> Select[Account]:
    return select(Account).where(
        col(Account.person_id) == person_id,
        col(Account.programme_id) == programme_id,
        col(Account.replaced_at).is_(None),
    )


def _once() -> Insert:
    """Nothing where the person has a current account in the programme."""
    return insert(Account).on_conflict_do_nothing(
        index_elements=["person_id", "programme_id"],
        index_where=col(Account.replaced_at).is_(None),
    )

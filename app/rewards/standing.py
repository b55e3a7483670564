"""What a recording must know beforehand, read by one statement.

Its rows stay in the session as long as a `Standing` is held, so whoever asks for one of them by
its key (the visit, the clerk's key, the organisation's ceilings, the person's level) finds it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import AttesterKey, Visit
from app.actions.timetable import Terms
from app.errors import NotFound, Problem
from app.identity.accounts import KeyMaker, account_for
from app.identity.models import Account, Organisation, Person
from app.rewards.models import Funding, Programme, RuleSet
from app.rewards.terms import parsed_versions, terms_at, timetable_of
from app.rewards.valuation import Funds


@dataclass(frozen=True)
class Standing:
    """A programme with its rules and money, and a person's account in it, if there is one."""

    programme: Programme
    funds: Funds
    person_id: UUID
    address: str | None

    def terms(self, now: datetime) -> Terms:
        return terms_at(timetable_of(self.programme), self.funds.versions, now)

    def account(self, session: Session, wallets: KeyMaker, now: datetime) -> str:
        """The address that a deed is credited to, made if there is none yet."""
        if self.address is not None:
            return self.address
        programme_id = self.programme.id
        return account_for(session, self.person_id, programme_id, signer=wallets, now=now).address


@dataclass(frozen=True)
class AtCounter:
    """A visit and everything that a statement about it is judged by."""

    visit: Visit
    organisation: Organisation
    person: Person
    key: AttesterKey | None
    standing: Standing


def _of_versions(column: Any) -> Any:
    newest_first = aggregate_order_by(column, col(RuleSet.version).desc())
    rules = select(func.array_agg(newest_first)).where(
        col(RuleSet.programme_id) == col(Programme.id)
    )
    return rules.scalar_subquery()


_FUNDED = (
    select(func.coalesce(func.sum(col(Funding.amount_cents)), 0))
    .where(col(Funding.programme_id) == col(Programme.id), col(Funding.final_at).is_not(None))
    .scalar_subquery()
)
_PROGRAMME = (
    Programme,
    _of_versions(col(RuleSet.version)).label("numbers"),
    _of_versions(col(RuleSet.valid_from)).label("since"),
    _of_versions(col(RuleSet.hash)).label("hashes"),
    _FUNDED.label("funded"),
    col(Account.address).label("address"),
)
_OF_PERSON = (
    select(*_PROGRAMME)
    .outerjoin(
        Account,
        and_(
            col(Account.programme_id) == col(Programme.id),
            col(Account.person_id) == bindparam("person_id"),
        ),
    )
    .where(col(Programme.id) == bindparam("programme_id"))
)
_AT_COUNTER = (
    select(Visit, Organisation, Person, AttesterKey, *_PROGRAMME)
    .select_from(Visit)
    .join(Organisation, col(Organisation.id) == bindparam("organisation_id"))
    .join(Person, col(Person.id) == col(Visit.person_id))
    .join(Programme, col(Programme.id) == col(Visit.programme_id))
    .outerjoin(
        Account,
        and_(
            col(Account.programme_id) == col(Programme.id),
            col(Account.person_id) == col(Person.id),
        ),
    )
    .outerjoin(AttesterKey, col(AttesterKey.address) == bindparam("signer"))
    .where(col(Visit.subject) == bindparam("subject"))
)


def standing_of(session: Session, person_id: UUID, programme_id: UUID) -> Standing:
    """Raises NotFound where there is no such programme."""
    asked = {"person_id": person_id, "programme_id": programme_id}
    row = session.execute(_OF_PERSON, asked).one_or_none()
    if row is None:
        raise NotFound
    return _standing(session, row, person_id)


def at_counter(
    session: Session, subject: bytes, *, organisation_id: UUID, signer: str
) -> AtCounter:
    """Raises Problem visit-unknown."""
    asked = {"subject": subject, "organisation_id": organisation_id, "signer": signer}
    row = session.execute(_AT_COUNTER, asked).one_or_none()
    if row is None:
        raise Problem("visit-unknown", field="statement.subject")
    visit, organisation, person, key = row[:4]
    return AtCounter(visit, organisation, person, key, _standing(session, row, person.id))


def _standing(session: Session, row: Row[Any], person_id: UUID) -> Standing:
    rows = zip(row.numbers or (), row.since or (), row.hashes or (), strict=True)
    programme: Programme = row.Programme
    known = parsed_versions(session, programme.id, rows)
    return Standing(programme, Funds(known, int(row.funded)), person_id, row.address)

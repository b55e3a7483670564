"""What a recording must know beforehand, read by one statement.

What `AtCounter` holds stays in the session, so whoever asks for a row by its key (the visit, the
clerk's key, the organisation's ceilings, the person's level) finds it there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import AttesterKey, Visit
from app.actions.timetable import Terms
from app.driver import Fixed
from app.errors import NotFound, Problem
from app.identity.accounts import KeyMaker, account_for
from app.identity.models import Account, Organisation, Person
from app.rewards.models import Funding, Programme, ProgrammeState, RewardCounter, RuleSet
from app.rewards.outside.kept import GENERATION
from app.rewards.valuing.caps import BUDGET
from app.rewards.valuing.terms import parsed_versions, terms_at, timetable_of
from app.rewards.valuing.valuation import Funds
from app.rows import columns_of, made, read

TIMETABLE = (
    *("id", "chain_id", "time_zone", "first_day", "last_day_to_earn", "state"),
    *("undo_seconds", "delay_attested_seconds", "delay_evidenced_seconds"),
)


@dataclass(frozen=True)
class Standing:
    """A programme with its rules and money, and a person's account in it, if there is one."""

    funds: Funds
    person_id: UUID
    address: str | None

    def terms(self, now: datetime) -> Terms:
        return terms_at(self.funds.timetable, self.funds.versions, now)

    def account(self, session: Session, wallets: KeyMaker, now: datetime) -> str:
        """The address that a deed is credited to, made if there is none yet."""
        if self.address is not None:
            return self.address
        programme_id = self.funds.timetable.programme_id
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
    select(func.sum(col(Funding.amount_cents)))
    .where(col(Funding.programme_id) == col(Programme.id), col(Funding.final_at).is_not(None))
    .scalar_subquery()
)
_PROMISED = (
    select(func.sum(col(RewardCounter.cents)))
    .where(
        col(RewardCounter.programme_id) == col(Programme.id),
        col(RewardCounter.scope) == literal_column(f"'{BUDGET}'"),
    )
    .scalar_subquery()
)
_PROGRAMME = (
    *(col(getattr(Programme, name)).label(name) for name in TIMETABLE),
    _of_versions(col(RuleSet.version)).label("numbers"),
    _of_versions(col(RuleSet.valid_from)).label("since"),
    _of_versions(col(RuleSet.hash)).label("hashes"),
    GENERATION.label("generation"),
    _FUNDED.label("funded"),
    _PROMISED.label("promised"),
    col(Account.address).label("address"),
)
_OF_PERSON = Fixed(
    select(*_PROGRAMME)
    .outerjoin(
        Account,
        and_(
            col(Account.programme_id) == col(Programme.id),
            col(Account.person_id) == bindparam("person_id"),
            col(Account.replaced_at).is_(None),
        ),
    )
    .where(col(Programme.id) == bindparam("programme_id"))
)
_ROWS = (Visit, Organisation, Person, AttesterKey)
_AT_COUNTER = Fixed(
    select(*columns_of(*_ROWS), *_PROGRAMME)
    .select_from(Visit)
    .join(Organisation, col(Organisation.id) == bindparam("organisation_id"))
    .join(Person, col(Person.id) == col(Visit.person_id))
    .join(Programme, col(Programme.id) == col(Visit.programme_id))
    .outerjoin(
        Account,
        and_(
            col(Account.programme_id) == col(Programme.id),
            col(Account.person_id) == col(Person.id),
            col(Account.replaced_at).is_(None),
        ),
    )
    .outerjoin(AttesterKey, col(AttesterKey.address) == bindparam("signer"))
    .where(col(Visit.subject) == bindparam("subject"))
)


def standing_of(session: Session, person_id: UUID, programme_id: UUID) -> Standing:
    """Raises NotFound where there is no such programme."""
    asked = {"person_id": person_id, "programme_id": programme_id}
    found = _OF_PERSON.rows(session, asked)
    if not found:
        raise NotFound
    return _standing(session, found[0], person_id)


def at_counter(
    session: Session, subject: bytes, *, organisation_id: UUID, signer: str
) -> AtCounter:
    """Raises Problem visit-unknown."""
    asked = {"subject": subject, "organisation_id": organisation_id, "signer": signer}
    found = _AT_COUNTER.rows(session, asked)
    if not found:
        raise Problem("visit-unknown", field="statement.subject")
    visit, organisation, person, key = read(session, found[0], *_ROWS)
    standing = _standing(session, found[0][-len(_PROGRAMME) :], person.id)
    return AtCounter(visit, organisation, person, key, standing)


def _standing(session: Session, row: Sequence[Any], person_id: UUID) -> Standing:
    """Of a row of `_PROGRAMME`."""
    *timetable, numbers, since, hashes, generation, funded, promised, address = row
    programme = made(Programme, dict(zip(TIMETABLE, timetable, strict=True)))
    programme.state = ProgrammeState(programme.state)
    rows = zip(numbers or (), since or (), hashes or (), strict=True)
    known = parsed_versions(session, programme.id, rows, generation)
    money = int(funded or 0), int(promised or 0)
    return Standing(Funds(timetable_of(programme), known, *money), person_id, address)

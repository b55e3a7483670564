"""The first days of a simulated city: its people, its programme and the money for it.

Each step does nothing where its result is there already, so seeding can be broken off anywhere."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.demo.city import Citizen, address
from app.demo.world import PROGRAMME, World, find_programme
from app.governance.service import confirm
from app.identity import service as identity
from app.identity.ages import AgeBand
from app.identity.models import (
    IdentityLevel,
    Role,
)
from app.rewards.models import Funding, ProgrammeState
from app.rewards.money.funding import confirm_funding, propose_funding
from app.rewards.outside.holidays import YEARS, calendars
from app.rewards.outside.publishing import publish_outside
from app.rewards.programmes import NewProgramme
from app.rewards.rule_sets.rule_changes import propose_programme
from app.rewards.rule_sets.safe_rules import safe_rules

FUNDED_CENTS = 5_000_000
BANK_REFERENCE = "SIMULATED-2026-001"
SHORT_TIMETABLE = {
    "short_timetable": True,
    "undo_seconds": 20,
    "delay_attested_seconds": 20,
    "delay_evidenced_seconds": 40,
    "period_seconds": 60,
}
STAFF = {
    "officer": Role.OFFICER,
    "officer-2": Role.OFFICER,
    "treasurer-1": Role.TREASURER,
    "treasurer-2": Role.TREASURER,
    "auditor": Role.AUDITOR,
}


def register_people(world: World) -> None:
    """Staff by role, citizens by number; nobody of them exists."""
    with world.parts.database.transaction() as session:
        now = world.now(session)
        for local, role in STAFF.items():
            ensure_role(session, local, role, now)
        for citizen in world.city.citizens:
            register_citizen(session, citizen, now)


def register_citizen(session: Session, citizen: Citizen, now: datetime) -> UUID:
    person = identity.register_person(
        session, address(citizen.local), level=citizen.level, now=now, simulated=True
    )
    person.age_band = AgeBand.ADULT  # as all simulated people are
    return person.id


def found_programme(world: World) -> None:
    """Proposed by one officer, confirmed by another: a draft, told to the chain."""
    with world.parts.database.transaction() as session:
        if find_programme(session) is not None:
            return
        now = world.now(session)
        first = (now - timedelta(days=world.city.days + 1)).date()
        for calendar in calendars():
            since = datetime(YEARS.start, 1, 1, tzinfo=world.parts.settings.time_zone)
            publish_outside(session, calendar, valid_from=since, now=now)
        proposal = propose_programme(
            session,
            new_programme(first, now.date()),
            by=world.person(session, "officer"),
            now=now,
            acknowledged=True,
        )
        confirm(session, proposal.id, by=world.person(session, "officer-2"), now=now)


def new_programme(first: date, today: date) -> NewProgramme:
    return NewProgramme(
        slug=PROGRAMME,
        name={
            "fr": "Ville simulée (calendrier court)",
            "en": "Simulated city (short timetable)",
        },
        token_symbol="DEMO",  # noqa: S106 - a currency's name
        first_day=first,
        last_day_to_earn=today + timedelta(days=180),
        last_day_to_spend=today + timedelta(days=270),
        rules=safe_rules(NewProgramme.time_zone),
        options=SHORT_TIMETABLE,
    )


def fund(world: World) -> None:
    """Two treasurers name one simulated bank transfer; returns once the chain counts it."""
    world.wait("creating the programme", _runs)
    with world.parts.database.transaction() as session:
        funding = _funding(session) or propose_funding(
            session,
            world.programme(session),
            amount_cents=FUNDED_CENTS,
            bank_reference=BANK_REFERENCE,
            by=world.person(session, "treasurer-1"),
            now=world.now(session),
        )
    with world.parts.database.transaction() as session:
        if funding.confirmed_at is None:
            second = world.person(session, "treasurer-2")
            confirm_funding(session, funding.id, by=second, now=world.now(session))
    world.wait("funding the programme", lambda session: _counted(_funding(session)))


def _runs(session: Session) -> bool:
    programme = find_programme(session)
    return programme is not None and programme.state is ProgrammeState.RUNNING


def _funding(session: Session) -> Funding | None:
    query = select(Funding).where(col(Funding.bank_reference) == BANK_REFERENCE)
    return session.scalar(query)


def _counted(funding: Funding | None) -> bool:
    return funding is not None and funding.final_at is not None


def ensure_role(
    session: Session, local: str, role: Role, now: datetime, organisation_id: UUID | None = None
) -> None:
    person = identity.register_person(
        session, address(local), level=IdentityLevel.VERIFIED, now=now, simulated=True
    )
    person.age_band = AgeBand.ADULT
    held = identity.roles_of(session, person.id, now).get(role, frozenset())
    if organisation_id not in held:
        identity.grant_role(
            session, person_id=person.id, role=role, organisation_id=organisation_id, now=now
        )

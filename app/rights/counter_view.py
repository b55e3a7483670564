"""All that a person can see themselves, read by an officer while they stand at the counter."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action
from app.endings.expiring import endings_of
from app.identity import counter
from app.identity import service as identity
from app.identity.age_asked import age_due
from app.identity.blocks import blocks_in_force
from app.identity.cards.models import CounterVisit
from app.identity.mandates.views import views_of
from app.identity.models import Role
from app.merchants.queries import payments_of_person
from app.privacy import consents, halts
from app.privacy.service import Actor, accesses_of
from app.recovery import announcing, cases
from app.rewards.money.ledger import owned
from app.rights import requests
from app.rights.models import RightsRequest

ROWS = 100
RESOURCE = "counter_rights"
SEEN = ["balance", "deeds", "looks", "payments", "permissions", "person", "requests", "wallet"]


def rights_of(session: Session, visit: CounterVisit, now: datetime) -> dict[str, Any]:
    """One look, which the person reads, and the newest hundred of each kind."""
    counter.note_look(session, visit, RESOURCE, SEEN)
    person, officer = visit.person_id, Actor(visit.officer_id, Role.OFFICER.value)
    found = identity.person(session, person)
    own = select(Action).where(col(Action.person_id) == person).order_by(col(Action.id).desc())
    return {
        "identity_level": found.identity_level,
        "age_band": found.age_band,
        "ask_age": age_due(session, found, now),
        "language": found.language,
        "email": identity.email_of(session, person, purpose=counter.PURPOSE, actor=officer),
        "balance_cents": sum(
            owned(session, account.address, account.programme_id)
            for account in identity.accounts_of(session, person)
        ),
        "endings": endings_of(session, person, now),
        "consents": consents.consents_of(session, person)[:ROWS],
        "requests": _requests(session, visit, officer, now),
        "halts": halts.open_halts(session, person),
        "wallet": {
            "blocks": session.scalars(blocks_in_force(person, now)).all(),
            "recoveries": cases.open_cases(session, now, person),
            "announced": announcing.announced(session, person, now),
        },
        "mandates": views_of(session, person, now, officer=visit.officer_id),
        "deeds": session.scalars(own.limit(ROWS)).all(),
        "payments": payments_of_person(session, person_id=person, now=now, limit=ROWS),
        "looks": accesses_of(session, person, ROWS),
    }


def _requests(
    session: Session, visit: CounterVisit, officer: Actor, now: datetime
) -> list[dict[str, Any]]:
    own = requests.of_person(visit.person_id).order_by(col(RightsRequest.id).desc())
    opened = []
    for row in session.scalars(own.limit(ROWS)).all():
        text, answer = requests.read(session, row, officer, now)
        opened.append({**row.model_dump(), "text": text, "answer": answer})
    return opened

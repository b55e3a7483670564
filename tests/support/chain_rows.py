"""Rows for the chain's tests: programmes, funding, people and their due deeds."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.actions.models import Action, ActionState, Channel, ProofLevel, Track
from app.chain import typed
from app.db import uuid7
from app.identity.models import IdentityLevel, Person
from app.impact.accounting import metrics_for
from app.impact.catalogue import catalogue
from app.outbox.service import enqueue
from app.privacy.service import create_subject
from app.rewards.models import Funding, Programme, ProgrammeState

_numbers = itertools.count(1)
_minutes = itertools.cycle(range(700))


def new_programme(session: Session, now: datetime, options: dict[str, Any]) -> Programme:
    """A draft, on its way to the chain."""
    programme = Programme(
        chain_id=typed.keccak(uuid7().bytes),
        slug=f"season-{next(_numbers)}-{uuid7().hex[-6:]}",
        name={"fr": "Saison", "en": "Season"},
        token_symbol="JET",
        state=ProgrammeState.DRAFT,
        first_day=(now - timedelta(days=30)).date(),
        last_day_to_earn=(now + timedelta(days=90)).date(),
        last_day_to_spend=(now + timedelta(days=180)).date(),
        created_at=now,
        **{"batch_min_accounts": 1, "period_seconds": 60} | options,
    )
    session.add(programme)
    session.flush()
    values: dict[str, Any] = {
        "programme_id": programme.chain_id,
        "name": programme.slug,
        "symbol": "JET",
    }
    values |= {"rule_set_hash": typed.keccak(b"rules")}
    values |= {"earn_until": int((now + timedelta(days=90)).timestamp())}
    values |= {"spend_until": int((now + timedelta(days=180)).timestamp())}
    enqueue(session, kind="create_programme", key=programme.slug, payload=values, now=now)
    return programme


def fund(session: Session, programme: Programme, cents: int, now: datetime) -> None:
    """Proposed by one treasurer, confirmed by the other, both on their way to the chain."""
    funding = Funding(
        programme_id=programme.id,
        amount_cents=cents,
        bank_reference=uuid7().hex,
        proposed_by=uuid7(),
        proposed_at=now,
        confirmed_by=uuid7(),
        confirmed_at=now,
    )
    session.add(funding)
    reference = typed.keccak(funding.bank_reference.encode())
    both = {"programme_id": programme.chain_id, "bank_reference": reference}
    enqueue(
        session,
        kind="propose_funding",
        key=reference.hex(),
        payload={**both, "amount": cents},
        now=now,
        signer="treasurer_1",
    )
    enqueue(
        session,
        kind="confirm_funding",
        key=reference.hex(),
        payload=both,
        now=now,
        signer="treasurer_2",
    )


def new_person(session: Session, now: datetime) -> Person:
    person = Person(
        id=create_subject(session, now),
        identity_level=IdentityLevel.CONTACT,
        created_at=now,
        simulated=True,
    )
    session.add(person)
    session.flush()
    return person


def new_deed(
    programme: Programme, person: Person, address: str, now: datetime, cents: int
) -> Action:
    """Authenticated and due; done yesterday, no two in the same minute."""
    noon = (now - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    done = noon + timedelta(minutes=next(_minutes))
    kind = catalogue().action_types()[0]
    quantity = 1000
    return Action(
        programme_id=programme.id,
        person_id=person.id,
        account_address=address,
        channel=Channel.CITIZEN,
        action_type_id=kind.id,
        action_type_version=kind.version,
        quantity=quantity,
        metrics=metrics_for(kind, quantity),
        deed_at=done,
        deed_day=done.date(),
        recorded_at=now - timedelta(hours=2),
        proof_level=ProofLevel.ATTESTED,
        recording_track=Track.PASSED,
        anomaly_track=Track.PASSED,
        fraud_track=Track.PASSED,
        state=ActionState.AUTHENTICATED,
        reward_cents=cents,
        due_at=now - timedelta(minutes=5),
    )

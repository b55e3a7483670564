"""Consents on a real database: each step on record, refused at the very next use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import Clock
from app.errors import Problem
from app.privacy import consents, service
from app.privacy.consent_held import has_consent
from app.privacy.models import AccessRecord, Consent
from app.privacy.notices import OPERATOR, purposes, register
from app.privacy.rules import ConsentState
from app.privacy.service import Actor, Ref
from app.services import Services

RESEARCH, REF = "research", Ref("action", "note_sealed", "1")
GIVEN, WITHDRAWN = ConsentState.GIVEN, ConsentState.WITHDRAWN


@pytest.fixture
def now(db: Session) -> datetime:
    return Clock().now(db)


@pytest.fixture
def person(db: Session, now: datetime) -> UUID:
    return service.create_subject(db, now)


def steps(db: Session, consent: Consent) -> list[tuple[str, str]]:
    return [(one.state.value, one.by) for one in consents.events_of(db, consent.id)]


def code(call: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        call()
    return caught.value.code


def test_each_step_leaves_an_event(db: Session, person: UUID, now: datetime) -> None:
    asked = consents.request_consent(db, person, RESEARCH, OPERATOR, now, by="system:study")
    assert asked.state is ConsentState.REQUESTED
    assert not has_consent(db, person, RESEARCH, OPERATOR)
    given = consents.give_consent(db, person, RESEARCH, OPERATOR, now, language="en")
    assert (given.id, given.language) == (asked.id, "en")
    consents.withdraw_consent(db, person, RESEARCH, OPERATOR, now)
    assert steps(db, given) == [
        ("requested", "system:study"),
        ("given", "self"),
        ("withdrawn", "self"),
    ]


def test_who_refused_is_not_asked_again_by_itself(db: Session, person: UUID, now: datetime) -> None:
    consents.request_consent(db, person, RESEARCH, OPERATOR, now, by="system:study")
    refused = consents.refuse_consent(db, person, RESEARCH, OPERATOR, now)
    assert steps(db, refused) == [("requested", "system:study"), ("refused", "self")]
    again = consents.request_consent(db, person, RESEARCH, OPERATOR, now, by="system:study")
    assert (again.id, again.state) == (refused.id, ConsentState.REFUSED)


def test_one_purpose_is_agreed_to_and_no_other(db: Session, person: UUID, now: datetime) -> None:
    consents.give_consent(db, person, RESEARCH, OPERATOR, now)
    assert has_consent(db, person, RESEARCH, OPERATOR)
    assert not has_consent(db, person, "partner_trips", OPERATOR)
    assert not has_consent(db, person, RESEARCH, "bikes")
    wrong = code(lambda: consents.give_consent(db, person, "partner_trips", OPERATOR, now))
    assert wrong == "consent-unknown-recipient"


def test_a_consent_runs_out_at_its_very_moment(
    services: Services,
) -> None:
    """Before any job has noted it; the job then says so, once."""
    clock = services.clock
    with services.database.transaction() as session:
        now = clock.now(session)
        person = service.create_subject(session, now)
        given = consents.give_consent(session, person, RESEARCH, OPERATOR, now)
        assert given.valid_until == now + timedelta(days=365)
        clock.move(session, days=364)
        assert has_consent(session, person, RESEARCH, OPERATOR)
        clock.move(session, days=1, seconds=1)
        assert not has_consent(session, person, RESEARCH, OPERATOR)
        later = clock.now(session)
        assert given.state is GIVEN
        assert [consents.expire_consents(session, later) for _ in range(2)] == [1, 0]
        assert steps(session, given)[-1] == ("expired", "system:retention")
        anew = consents.give_consent(session, person, RESEARCH, OPERATOR, later)
        assert (anew.id != given.id, anew.state) == (True, GIVEN)
        session.rollback()


@pytest.fixture
def use(db: Session, person: UUID) -> Callable[[str], str]:
    value = service.seal(db, person, REF, "by bike")

    def opened(part: str) -> str:
        return service.open_sealed(
            db, person, REF, value, purpose=RESEARCH, actor=Actor.system(part)
        )

    return opened


@pytest.mark.parametrize("part", ["imports", "export", "study"])
def test_the_next_use_after_a_withdrawal_is_refused(
    db: Session, person: UUID, now: datetime, use: Callable[[str], str], part: str
) -> None:
    """In a worker or an export as in a request, in the very transaction that used it before."""
    consents.give_consent(db, person, RESEARCH, OPERATOR, now)
    assert use(part) == "by bike"
    consents.withdraw_consent(db, person, RESEARCH, OPERATOR, now)
    looks = select(func.count()).select_from(AccessRecord)
    before = db.scalar(looks.where(col(AccessRecord.subject_id) == person))
    assert code(lambda: use(part)) == "consent-missing"
    assert db.scalar(looks.where(col(AccessRecord.subject_id) == person)) == before == 1


def test_a_withdrawal_elsewhere_is_seen_at_the_next_use(services: Services) -> None:
    """Another process withdraws while a worker's long transaction goes on."""
    with services.database.transaction() as session:
        now = services.clock.now(session)
        person = service.create_subject(session, now)
        consents.give_consent(session, person, RESEARCH, OPERATOR, now)
    with services.database.session() as worker:
        assert has_consent(worker, person, RESEARCH, OPERATOR)
        with services.database.transaction() as session:
            consents.withdraw_consent(session, person, RESEARCH, OPERATOR, now)
        assert not has_consent(worker, person, RESEARCH, OPERATOR)


def test_an_erased_person_agrees_to_nothing(db: Session, person: UUID, now: datetime) -> None:
    given = consents.give_consent(db, person, RESEARCH, OPERATOR, now)
    asked = consents.request_consent(db, person, "partner_trips", "bikes", now, by="system:x")
    service.erase_subject(db, person, now)
    assert (given.state, asked.state) == (WITHDRAWN, ConsentState.REFUSED)


def test_the_register_knows_all_that_purposes_name() -> None:
    known = register()
    for purpose in purposes().values():
        assert set(purpose.data) <= known["data"].keys()
        assert set(purpose.recipients) <= known["recipients"].keys()
        assert set(purpose.retention) == {"fr", "en"}
        assert (purpose.valid_days is not None) == purpose.needs_consent

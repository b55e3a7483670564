"""Bad input is refused by its own code and writes nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.actions import keys
from app.actions.attestation import Signed
from app.actions.models import Action, ActionLog, Attestation
from app.chain import typed
from app.clock import Clock
from app.errors import CONSTRAINTS, Problem
from app.outbox.models import Incident
from app.rewards.models import Programme, RewardCounter
from tests.support.city import DOMAIN, City, Clerk

WRITTEN = (Action, ActionLog, Attestation, RewardCounter, Incident)


@pytest.fixture
def city(db: Session) -> City:
    return City(db, Clock().now(db).replace(microsecond=0))


@pytest.fixture
def programme(city: City) -> Programme:
    return city.programme()


@pytest.fixture
def clerk(city: City) -> Clerk:
    return city.clerk(city.organisation())


@pytest.fixture
def citizen(city: City) -> UUID:
    return city.citizen().id


def rows(db: Session) -> list[int | None]:
    return [db.scalar(select(func.count()).select_from(table)) for table in WRITTEN]


def refused(db: Session, code: str, act: Callable[[], Any]) -> Problem:
    """The problem, once it is sure that nothing was written."""
    before = rows(db)
    with pytest.raises(Problem) as caught, db.begin_nested():
        act()
    assert caught.value.code == code
    assert rows(db) == before
    sentence = caught.value.sentence("fr")
    assert sentence.title
    assert sentence.remedy
    return caught.value


Case = tuple[str, dict[str, Any], str]
DECLARED: list[Case] = [
    ("action-type-unknown", {"action_type": "flying"}, "action_type"),
    ("proof-level-not-accepted", {"action_type": "climate-workshop"}, "action_type"),
    ("quantity-zero", {"quantity": 0}, "quantity"),
    ("quantity-negative", {"quantity": -1}, "quantity"),
    ("quantity-fractional", {"quantity": 1.5}, "quantity"),
    ("quantity-fractional", {"quantity": 3000.0}, "quantity"),
    ("quantity-fractional", {"quantity": "3000"}, "quantity"),
    ("quantity-fractional", {"quantity": True}, "quantity"),
    ("quantity-fractional", {"quantity": None}, "quantity"),
    ("quantity-too-large", {"quantity": 60_001}, "quantity"),
    ("quantity-too-large", {"quantity": 10**40}, "quantity"),
    ("quantity-unusual", {"quantity": 15_001}, "confirmed_unusual"),
]


@pytest.mark.parametrize("case", DECLARED)
def test_a_citizens_bad_deed(
    db: Session, city: City, programme: Programme, citizen: UUID, case: Case
) -> None:
    code, changes, field = case
    problem = refused(db, code, lambda: city.declare(citizen, programme, **changes))
    assert problem.field == field


@pytest.mark.parametrize(
    "case",
    [("deed-in-the-future", timedelta(minutes=2)), ("deed-too-old", timedelta(days=-45))],
)
def test_at_the_wrong_time(
    db: Session, city: City, programme: Programme, citizen: UUID, case: tuple[str, timedelta]
) -> None:
    code, shift = case
    deed_at = city.now + shift
    refused(db, code, lambda: city.declare(citizen, programme, deed_at=deed_at))


def test_before_the_programme_began(db: Session, city: City, citizen: UUID) -> None:
    programme = city.programme()
    programme.first_day = city.now.date()
    db.flush()
    earlier = city.now - timedelta(days=2)
    refused(db, "deed-outside-programme", lambda: city.declare(citizen, programme, deed_at=earlier))


def test_the_usual_is_said_in_words_and_confirmation_lets_it_through(
    db: Session, city: City, programme: Programme, citizen: UUID
) -> None:
    problem = refused(
        db, "quantity-unusual", lambda: city.declare(citizen, programme, quantity=16_000)
    )
    assert "15 km" in problem.sentence("en").detail
    action = city.declare(citizen, programme, quantity=16_000, confirmed_unusual=True)
    assert action.quantity == 16_000


ATTESTED: list[tuple[str, dict[str, Any]]] = [
    ("action-type-unknown", {"action_type_id": 4_000_000}),
    ("action-type-unknown", {"action_type_version": 99}),
    ("quantity-zero", {"quantity": 0}),
    ("quantity-too-large", {"quantity": 100_001}),
    ("quantity-unusual", {"quantity": 10_001}),
    ("visit-unknown", {"subject": b"\x01" * 32}),
    ("attestation-other-statement", {"programme_id": b"\x02" * 32}),
    ("attestation-other-statement", {"attester": typed.address_of(b"\x03" * 32)}),
]


@pytest.mark.parametrize("case", ATTESTED)
def test_a_clerks_bad_statement(
    db: Session, city: City, programme: Programme, clerk: Clerk, case: tuple[str, dict[str, Any]]
) -> None:
    code, changes = case
    visit = city.visit(clerk, city.citizen().id, programme)
    struct = city.statement(clerk, visit, programme, **changes)
    signature = typed.sign(typed.attestation_digest(DOMAIN, struct), clerk.key)
    refused(db, code, lambda: city.submit(clerk, Signed(struct, signature)))


def test_forged_by_another_key_domain_or_content(
    db: Session, city: City, programme: Programme, clerk: Clerk, citizen: UUID
) -> None:
    visit = city.visit(clerk, citizen, programme)
    struct = city.statement(clerk, visit, programme)
    digest = typed.attestation_digest(DOMAIN, struct)
    elsewhere = typed.Domain(typed.ATTESTERS, 1, DOMAIN.contract, DOMAIN.salt)
    other = typed.attestation_digest(DOMAIN, city.statement(clerk, visit, programme, quantity=1))
    stranger = city.clerk(clerk.organisation)
    for signature in (
        typed.sign(digest, typed.new_key()),
        typed.sign(digest, stranger.key),  # a colleague's key is not this clerk's
        typed.sign(typed.attestation_digest(elsewhere, struct), clerk.key),
        typed.sign(other, clerk.key),
        bytes(65),
        b"short",
    ):
        refused(db, "attestation-forged", partial(city.submit, clerk, Signed(struct, signature)))


def test_replayed(
    db: Session, city: City, programme: Programme, clerk: Clerk, citizen: UUID
) -> None:
    visit = city.visit(clerk, citizen, programme)
    struct = city.statement(clerk, visit, programme)
    signed = Signed(struct, typed.sign(typed.attestation_digest(DOMAIN, struct), clerk.key))
    city.submit(clerk, signed)
    assert collision(db, lambda: city.submit(clerk, signed)) == "attestation-replayed"


def test_the_same_deed_twice_in_a_minute_even_with_a_fresh_statement(
    db: Session, city: City, programme: Programme, clerk: Clerk, citizen: UUID
) -> None:
    city.attest(clerk, citizen, programme)
    code = collision(db, lambda: city.attest(clerk, citizen, programme))
    assert code == "deed-recorded-twice"
    other = city.clerk(city.organisation())
    assert collision(db, lambda: city.attest(other, citizen, programme)) == code


def collision(db: Session, act: Callable[[], Any]) -> str:
    """The problem code of the constraint that stopped it; nothing was written."""
    before = rows(db)
    with pytest.raises(IntegrityError) as caught, db.begin_nested():
        act()
    assert rows(db) == before
    name: str = caught.value.orig.diag.constraint_name  # type: ignore[union-attr]
    return CONSTRAINTS[name]


def test_out_of_scope(db: Session, city: City, programme: Programme, citizen: UUID) -> None:
    clerk = city.clerk(city.organisation(), scope=("textile-collection",))
    refused(db, "out-of-scope", lambda: city.attest(clerk, citizen, programme))


def test_a_key_not_valid_then(
    db: Session, city: City, programme: Programme, clerk: Clerk, citizen: UUID
) -> None:
    later = city.now + keys.KEY_LASTS + timedelta(days=1)
    address = typed.address_of(clerk.key)
    key = keys.key_of(db, address, clerk.organisation)
    key.valid_until = city.now - timedelta(seconds=1)
    refused(db, "key-not-valid", lambda: city.attest(clerk, citizen, programme))
    key.valid_until = later
    keys.revoke_key(
        db, address=address, organisation=clerk.organisation, for_cause=True, now=city.now
    )
    refused(db, "key-not-valid", lambda: city.attest(clerk, citizen, programme))


def test_a_key_nobody_certified_or_whose_organisation_lost_its_own(
    db: Session, city: City, programme: Programme, clerk: Clerk, citizen: UUID
) -> None:
    key = keys.key_of(db, typed.address_of(clerk.key), clerk.organisation)
    signature, key.certificate_signature = key.certificate_signature, None
    refused(db, "key-not-certified", lambda: city.attest(clerk, citizen, programme))
    key.certificate_signature = signature
    clerk.organisation.key_revoked_at = city.now
    refused(db, "organisation-key-missing", lambda: city.attest(clerk, citizen, programme))
    clerk.organisation.state = "suspended"
    refused(db, "organisation-not-active", lambda: city.attest(clerk, citizen, programme))


def test_a_visit_ends(
    db: Session, city: City, programme: Programme, clerk: Clerk, citizen: UUID
) -> None:
    visit = city.visit(clerk, citizen, programme)
    struct = city.statement(clerk, visit, programme)
    signed = Signed(struct, typed.sign(typed.attestation_digest(DOMAIN, struct), clerk.key))
    late = city.now + timedelta(minutes=11)
    refused(db, "visit-unknown", lambda: city.submit(clerk, signed, now=late))


def test_a_paused_programme_takes_nothing(
    db: Session, city: City, programme: Programme, citizen: UUID
) -> None:
    db.execute(text("update programme set state = 'paused' where id = :id"), {"id": programme.id})
    db.expire(programme)
    refused(db, "programme-not-running", lambda: city.declare(citizen, programme))

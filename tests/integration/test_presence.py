"""The code at the counter: once per organisation, limited tries, one or two minutes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from app.errors import Problem
from app.identity import presence
from app.identity import service as identity
from app.identity.models import IdentityLevel, OrganisationKind
from app.identity.tries import count_try
from app.privacy.service import accesses_of
from app.services import Services

NOW = datetime(2026, 11, 23, 9, 0, 30, tzinfo=UTC)
UNKNOWN = "12345678"


@pytest.fixture
def citizen(db: Session) -> UUID:
    return identity.register_person(db, None, level=IdentityLevel.CARD, now=NOW).id


@pytest.fixture
def centre(db: Session) -> UUID:
    return organisation(db, "centre")


def organisation(db: Session, slug: str) -> UUID:
    kind = OrganisationKind.ATTESTER
    return identity.create_organisation(db, slug=slug, kind=kind, name=slug, now=NOW).id


def wrong(code: str) -> str:
    return f"{(int(code) + 500_000) % 1_000_000:06d}"


def refusal(db: Session, centre: UUID, number: str, code: str, now: datetime = NOW) -> str:
    with pytest.raises(Problem) as caught:
        identity.identify_by_code(db, centre, number, code, now)
    assert caught.value.keep, "what was counted must be kept"
    return caught.value.code


def test_number_and_code_identify_and_the_citizen_sees_it(
    db: Session, citizen: UUID, centre: UUID
) -> None:
    mine = identity.presence_secret(db, citizen, NOW)
    assert mine == identity.presence_secret(db, citizen, NOW)
    assert len(mine.short_number) == 8
    spaced = f"{mine.short_number[:4]} {mine.short_number[4:]}"
    code = identity.code_at(mine.secret, NOW)
    assert identity.identify_by_code(db, centre, spaced, code, NOW) == citizen
    assert [record.purpose for record in accesses_of(db, citizen)] == ["presence"]


@pytest.mark.parametrize(
    ("seconds", "works"), [(-31, False), (0, True), (29, True), (89, True), (90, False)]
)
def test_a_code_serves_in_its_minute_and_the_next(
    db: Session, citizen: UUID, centre: UUID, seconds: int, works: bool
) -> None:
    mine = identity.presence_secret(db, citizen, NOW)
    code = identity.code_at(mine.secret, NOW)
    then = NOW + timedelta(seconds=seconds)
    if works:
        assert identity.identify_by_code(db, centre, mine.short_number, code, then) == citizen
    else:
        assert refusal(db, centre, mine.short_number, code, then) == "presence-code-wrong"


def test_a_code_serves_once_per_organisation(db: Session, citizen: UUID, centre: UUID) -> None:
    mine = identity.presence_secret(db, citizen, NOW)
    code = identity.code_at(mine.secret, NOW)
    identity.identify_by_code(db, centre, mine.short_number, code, NOW)
    assert refusal(db, centre, mine.short_number, code) == "presence-code-used"
    later = NOW + timedelta(seconds=30)
    assert refusal(db, centre, mine.short_number, code, later) == "presence-code-used"
    other = organisation(db, "other")
    assert identity.identify_by_code(db, other, mine.short_number, code, NOW) == citizen


def test_an_unknown_number_is_refused_in_the_same_words(db: Session, centre: UUID) -> None:
    assert refusal(db, centre, "00000000", "123456") == "presence-code-wrong"


def test_tries_per_number_are_limited_whoever_tries(
    db: Session, citizen: UUID, centre: UUID
) -> None:
    mine = identity.presence_secret(db, citizen, NOW)
    code = identity.code_at(mine.secret, NOW)
    other = organisation(db, "other")
    for turn in range(10):
        place = centre if turn % 2 else other
        assert refusal(db, place, mine.short_number, wrong(code)) == "presence-code-wrong"
    assert refusal(db, centre, mine.short_number, code) == "presence-too-many-tries"
    later = NOW + timedelta(minutes=10)
    fresh = identity.code_at(mine.secret, later)
    assert identity.identify_by_code(db, centre, mine.short_number, fresh, later) == citizen


def test_tries_per_organisation_are_limited_over_all_numbers(
    db: Session, citizen: UUID, centre: UUID
) -> None:
    mine = identity.presence_secret(db, citizen, NOW)
    code = identity.code_at(mine.secret, NOW)
    for number in range(50):
        assert refusal(db, centre, f"{number:08d}", "000000") == "presence-code-wrong"
    assert refusal(db, centre, mine.short_number, code) == "presence-too-many-tries"
    other = organisation(db, "other")
    assert identity.identify_by_code(db, other, mine.short_number, code, NOW) == citizen


def test_a_renewed_secret_makes_the_old_one_worthless(
    db: Session, citizen: UUID, centre: UUID
) -> None:
    old = identity.presence_secret(db, citizen, NOW)
    new = identity.renew_presence_secret(db, citizen, NOW)
    old_code = identity.code_at(old.secret, NOW)
    assert refusal(db, centre, old.short_number, old_code) == "presence-code-wrong"
    code = identity.code_at(new.secret, NOW)
    assert identity.identify_by_code(db, centre, new.short_number, code, NOW) == citizen


def test_nobody_without_a_secret(db: Session) -> None:
    with pytest.raises(Problem, match="data-erased"):
        identity.presence_secret(db, uuid4(), NOW)


def test_tries_at_the_same_time_are_one_after_the_other(services: Services) -> None:
    """The last try that is free is taken; the other, meanwhile, finds none."""
    with services.database.transaction() as session:
        centre = organisation(session, "busy-centre")
        for _ in range(presence.WRONG_PER_NUMBER - 1):
            count_try(session, "presence-number", UNKNOWN, presence.WINDOW, NOW)

    def refused() -> str:
        with services.database.session() as session:
            return refusal(session, centre, UNKNOWN, "000000")

    with ThreadPoolExecutor(1) as pool:
        with services.database.transaction() as session:
            assert refusal(session, centre, UNKNOWN, "000000") == "presence-code-wrong"
            other = pool.submit(refused)
            assert not wait([other], timeout=0.3).done, "it waits for the first to end"
        assert other.result(60) == "presence-too-many-tries"

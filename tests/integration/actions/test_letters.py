"""Who is written to: refused, answered, credited; and nobody without an address."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.actions import review
from app.clock import Clock
from app.db import uuid7
from app.governance.service import confirm
from app.identity import service as identity
from app.identity.models import IdentityLevel
from app.mail_models import OutgoingMail
from app.privacy.service import open_for_service
from app.rewards import letters
from app.rewards.valuing import deeds
from app.rewards.valuing.decided import propose_reversal
from tests.support import carpool
from tests.support.city import City


@pytest.fixture
def city(db: Session) -> City:
    return City(db, Clock().now(db).replace(microsecond=0))


@pytest.fixture
def citizen(db: Session, city: City) -> UUID:
    person = identity.register_person(
        db,
        "citizen-1@demo.example",
        level=IdentityLevel.CONTACT,
        now=city.now,
        language="en",
    )
    return person.id


def last_letter(db: Session) -> str:
    row = db.scalars(select(OutgoingMail).order_by(OutgoingMail.id.desc()).limit(1)).one()  # type: ignore[attr-defined]
    return open_for_service(db, "mail", row.sealed, row.id.bytes).decode()


def letters_waiting(db: Session) -> int:
    return db.scalar(select(func.count()).select_from(OutgoingMail)) or 0


def test_an_upheld_appeal_says_that_the_deed_waits_still(
    db: Session, city: City, citizen: UUID
) -> None:
    asks = carpool.condition(1, "far", {"distance_m": {"at_least": 1}}) | {"unknown": "ask"}
    programme = city.programme(rules=carpool.rules(conditions=[asks]))
    action = city.attest(city.clerk(city.organisation()), citizen, programme)
    deeds.refuse(db, action.id, reason="not-plausible", by=uuid7(), now=city.now)
    appeal = review.appeal(db, action_id=action.id, person_id=citizen, text="No", now=city.now)
    deeds.answer_appeal(db, appeal.id, upheld=True, text="Yes", by=uuid7(), now=city.now)
    assert "Your deed waits still: your page says what is to be found out." in last_letter(db)


def test_a_refusal_says_why_and_what_to_do(db: Session, city: City, citizen: UUID) -> None:
    clerk = city.clerk(city.organisation())
    action = city.attest(clerk, citizen, city.programme())
    officer = city.citizen().id
    deeds.refuse(db, action.id, reason="not-plausible", by=officer, now=city.now)
    letter = last_letter(db)
    assert "does not fit what is possible" in letter
    assert "appeal" in letter
    appeal = review.appeal(db, action_id=action.id, person_id=citizen, text="No", now=city.now)
    deeds.answer_appeal(db, appeal.id, upheld=False, text="Sorry", by=officer, now=city.now)
    letter = last_letter(db)
    assert "An answer to your appeal" in letter
    assert "Sorry" not in letter  # what a person wrote is read on the page


def test_a_reversal_says_why_and_that_tokens_stay(db: Session, city: City, citizen: UUID) -> None:
    clerk = city.clerk(city.organisation())
    action = city.attest(clerk, citizen, city.programme())
    batch = {"batch": b"\x08" * 32, "id": action.id, "programme": action.programme_id}
    db.execute(
        text(
            "insert into batch (id, programme_id, root, action_count, reward_cents, credits,"
            " artefact, state, created_at)"
            " values (:batch, :programme, :batch, 1, 10, '[]', 'x', 'final', now())"
        ),
        batch,
    )
    settled = (
        "update action set state = 'settled', batch_id = :batch, leaf = :batch, leaf_index = 0"
    )
    db.execute(text(settled + " where id = :id"), batch)
    one, other = uuid7(), uuid7()
    proposal = propose_reversal(
        db, action_id=action.id, reason="counted-twice", by=one, now=city.now
    )
    confirm(db, proposal.id, by=other, now=city.now)
    letter = last_letter(db)
    assert "The same deed was recorded before" in letter
    assert "Your tokens stay yours" in letter
    assert "appeal" not in letter


def test_one_letter_for_all_that_a_batch_credits(db: Session, city: City, citizen: UUID) -> None:
    clerk, programme = city.clerk(city.organisation()), city.programme()
    silent = city.citizen().id
    made = [
        city.attest(clerk, citizen, programme),
        city.attest(clerk, citizen, programme, deed_at=int(city.now.timestamp()) - 120),
        city.attest(clerk, silent, programme),
    ]
    batch = b"\x07" * 32
    db.execute(
        text(
            "insert into batch (id, programme_id, root, action_count, reward_cents, credits,"
            " artefact, state, created_at)"
            " values (:id, :programme, :id, 3, 30, '[]', 'x', 'final', now())"
        ),
        {"id": batch, "programme": programme.id},
    )
    for index, action in enumerate(made):
        db.execute(
            text(
                "update action set state = 'settled', batch_id = :batch, leaf = :batch,"
                " leaf_index = :index where id = :id"
            ),
            {"batch": batch, "index": index, "id": action.id},
        )
    before = letters_waiting(db)
    assert letters.tell_credited(db, batch, city.now) == 1
    assert letters_waiting(db) == before + 1
    assert "0.20 tokens on your account. Deeds counted: 2." in last_letter(db)

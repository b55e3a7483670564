"""From a deed to a promise: valued, capped, held back over ceilings, undone, refused, appealed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions import review
from app.actions.models import Action, ActionLog, ActionState, ProofLevel, Track
from app.clock import Clock
from app.db import uuid7
from app.errors import NotFound, Problem
from app.governance.models import Proposal
from app.governance.service import confirm
from app.outbox.models import Incident
from app.privacy.service import Actor
from app.rewards.language.lines import Line
from app.rewards.language.words import sentences
from app.rewards.models import Programme
from app.rewards.valuing import deeds
from app.rewards.valuing.decided import propose_reversal
from app.rewards.valuing.slices import promised as promised_of
from tests.support.city import RULES, City, Clerk


@pytest.fixture
def city(db: Session) -> City:
    return City(db, Clock().now(db).replace(microsecond=0))


@pytest.fixture
def clerk(city: City) -> Clerk:
    return city.clerk(city.organisation())


@pytest.fixture
def citizen(city: City) -> UUID:
    return city.citizen().id


def promised(db: Session, programme: Programme) -> int:
    return promised_of(db, programme.id)


def minutes(city: City, count: int) -> int:
    """A deed so many minutes ago, as statements say it."""
    return int((city.now - timedelta(minutes=count)).timestamp())


def test_attested_is_authenticated_explained_and_due(
    db: Session, city: City, clerk: Clerk, citizen: UUID
) -> None:
    programme = city.programme()
    action = city.attest(clerk, citizen, programme)
    assert (action.state, action.proof_level) == (ActionState.AUTHENTICATED, ProofLevel.ATTESTED)
    assert action.reward_cents == 10  # 2 kg of glass at 5 cents
    assert sum(Line.from_json(line).cents for line in action.explanation) == 10
    assert action.undo_until == city.now + timedelta(minutes=10)
    assert action.due_at == city.now + timedelta(hours=1)
    assert action.metrics == {"waste_g": 2000}
    assert promised(db, programme) == 10
    log = db.scalars(select(ActionLog).where(col(ActionLog.action_id) == action.id)).all()
    steps = {(row.before, row.after) for row in log}
    assert steps == {(None, "recorded"), ("recorded", "authenticated")}


def test_declared_is_counted_and_never_rewarded(db: Session, city: City, citizen: UUID) -> None:
    programme = city.programme()
    action = city.declare(citizen, programme, note="Par la voie verte")
    assert (action.state, action.reward_cents) == (ActionState.AUTHENTICATED, 0)
    assert [line["code"] for line in action.explanation] == ["not_vouched"]
    assert promised(db, programme) == 0
    assert action.note_sealed is not None
    assert b"voie" not in action.note_sealed


def test_a_citizens_cap_of_the_day(city: City, clerk: Clerk, citizen: UUID) -> None:
    cap = {"scope": "citizen", "span": "day", "level": "verified", "cents": 15}
    programme = city.programme(rules={**RULES, "caps": [cap]})
    first = city.attest(clerk, citizen, programme)
    second = city.attest(clerk, citizen, programme, deed_at=minutes(city, 1))
    third = city.attest(clerk, citizen, programme, deed_at=minutes(city, 2))
    rewards = [one.reward_cents for one in (first, second, third)]
    if first.deed_day == third.deed_day:
        assert rewards == [10, 5, 0]
    assert second.explanation[-1]["rule"] == "cap-day-verified"


def test_the_last_deed_gets_what_the_budget_has_left_and_says_so(
    db: Session, city: City, clerk: Clerk
) -> None:
    programme = city.programme(funded=14)
    rewards = [city.attest(clerk, city.citizen().id, programme) for _ in range(3)]
    assert [one.reward_cents for one in rewards] == [10, 4, 0]
    lines = [Line.from_json(line) for line in rewards[1].explanation]
    assert "0.04 tokens left" in sentences(lines, "en")[-1]
    assert promised(db, programme) == 14


def test_funding_that_is_not_final_pays_nothing(
    db: Session, city: City, clerk: Clerk, citizen: UUID
) -> None:
    programme = city.programme()
    db.execute(text("update funding set final_at = null"))
    assert city.attest(clerk, citizen, programme).reward_cents == 0


def test_over_the_organisations_ceiling_it_waits_and_alarms_once(
    db: Session, city: City, clerk: Clerk
) -> None:
    programme = city.programme()
    clerk.organisation.actions_per_day = 1
    one, two, three = (city.attest(clerk, city.citizen().id, programme) for _ in range(3))
    assert one.state is ActionState.AUTHENTICATED
    for waiting in (two, three):
        assert waiting.state is ActionState.RECORDED
        assert (waiting.anomaly_track, waiting.reward_cents) == (Track.PENDING, 0)
    reference = f"{clerk.organisation.id}:"
    alarms = db.scalars(select(Incident).where(col(Incident.code) == "organisation-ceiling"))
    assert len([one for one in alarms if (one.reference or "").startswith(reference)]) == 1
    officer = city.citizen().id
    released = deeds.release(db, two.id, by=officer, now=city.now)
    assert (released.state, released.reward_cents) == (ActionState.AUTHENTICATED, 10)


def test_over_the_ceiling_of_tokens(db: Session, city: City, clerk: Clerk) -> None:
    programme = city.programme()
    clerk.organisation.reward_cents_per_day = 19
    states = [city.attest(clerk, city.citizen().id, programme).state for _ in range(2)]
    assert states == [ActionState.AUTHENTICATED, ActionState.RECORDED]
    assert promised(db, programme) == 10


def test_undo_by_who_entered_it_within_ten_minutes(
    db: Session, city: City, clerk: Clerk, citizen: UUID
) -> None:
    programme = city.programme()
    action = city.attest(clerk, citizen, programme)
    with pytest.raises(Problem, match="undo-not-yours"):
        deeds.undo(db, action.id, by=citizen, now=city.now)
    elsewhere = city.organisation().id  # where the clerk keeps a shift too
    with pytest.raises(Problem, match="undo-not-yours"):
        deeds.undo(db, action.id, by=clerk.person_id, at=elsewhere, now=city.now)
    late = city.now + timedelta(minutes=11)
    with pytest.raises(Problem, match="undo-too-late"):
        deeds.undo(db, action.id, by=clerk.person_id, now=late)
    here = clerk.organisation.id
    undone = deeds.undo(db, action.id, by=clerk.person_id, at=here, now=city.now)
    assert (undone.state, promised(db, programme)) == (ActionState.WITHDRAWN, 0)
    with pytest.raises(Problem, match="wrong-state"):
        deeds.undo(db, action.id, by=clerk.person_id, now=city.now)
    again = city.attest(clerk, citizen, programme)
    assert again.reward_cents == 10  # the corrected deed counts, once


def test_refused_appealed_and_upheld_by_the_rules_of_its_day(
    db: Session, city: City, clerk: Clerk, citizen: UUID
) -> None:
    programme, officer = city.programme(), city.citizen().id
    action = city.attest(clerk, citizen, programme)
    refused = deeds.refuse(db, action.id, reason="not-plausible", by=officer, now=city.now)
    assert (refused.state, refused.reward_cents) == (ActionState.REFUSED, 0)
    assert promised(db, programme) == 0
    appeal = review.appeal(
        db, action_id=action.id, person_id=citizen, text="J'y étais", now=city.now
    )
    with pytest.raises(Problem, match="appeal-exists"):
        review.appeal(db, action_id=action.id, person_id=citizen, text="Encore", now=city.now)
    with pytest.raises(Problem, match="not-for-oneself"):
        answer(db, city, appeal.id, citizen)
    answer(db, city, appeal.id, officer)
    assert (action.state, action.reward_cents) == (ActionState.AUTHENTICATED, 10)
    assert (action.reason_code, promised(db, programme)) == (None, 10)
    with pytest.raises(Problem, match="appeal-answered"):
        answer(db, city, appeal.id, officer)
    said = review.read_appeal(db, appeal, Actor(officer, "officer"))
    assert said == ("J'y étais", "Vous avez raison")


def answer(db: Session, city: City, appeal_id: UUID, by: UUID) -> None:
    deeds.answer_appeal(db, appeal_id, upheld=True, text="Vous avez raison", by=by, now=city.now)


def test_only_the_own_refusal_can_be_appealed_and_reasons_are_of_the_list(
    db: Session, city: City, clerk: Clerk, citizen: UUID
) -> None:
    action = city.attest(clerk, citizen, city.programme())
    with pytest.raises(Problem, match="reason-unknown"):
        deeds.refuse(db, action.id, reason="because", by=clerk.person_id, now=city.now)
    with pytest.raises(Problem, match="not-for-oneself"):
        deeds.refuse(db, action.id, reason="made-up", by=citizen, now=city.now)
    with pytest.raises(NotFound):
        review.appeal(db, action_id=action.id, person_id=clerk.person_id, text="x", now=city.now)


def test_only_a_settled_deed_is_reversed_and_by_two_officers(
    db: Session, city: City, clerk: Clerk, citizen: UUID
) -> None:
    action, one, other = city.attest(clerk, citizen, city.programme()), uuid7(), uuid7()
    with pytest.raises(Problem, match="wrong-state"):
        _propose(db, city, action, one)
    _settle(db, action)
    for own in (citizen, clerk.person_id):
        with pytest.raises(Problem, match="not-for-oneself"):
            _propose(db, city, action, own)
    proposal = _propose(db, city, action, one)
    with pytest.raises(Problem, match="proposal-waits"):
        _propose(db, city, action, other)
    with pytest.raises(Problem, match="another-must-confirm"):
        confirm(db, proposal.id, by=one, now=city.now)
    assert (action.state, action.reversed_at) == (ActionState.SETTLED, None)
    confirm(db, proposal.id, by=other, now=city.now)
    assert (action.state, action.reversed_at) == (ActionState.REVERSED, city.now)
    assert action.reward_cents == 10  # nobody claws back
    logged = select(ActionLog).where(col(ActionLog.action_id) == action.id)
    said = db.scalars(logged.order_by(col(ActionLog.id).desc()).limit(2)).all()
    assert [(row.reason, row.by_person) for row in said] == [
        ("made-up", other),
        ("reversal-proposed", one),
    ]


def _propose(db: Session, city: City, action: Action, by: UUID) -> Proposal:
    return propose_reversal(db, action_id=action.id, reason="made-up", by=by, now=city.now)


def _settle(db: Session, action: Action) -> None:
    """As the indexer leaves it."""
    db.execute(
        text(
            "insert into batch (id, programme_id, sequence, root, action_count, reward_cents,"
            " credits, artefact, state, created_at)"
            " values (:id, :programme, 999001, :id, 1, 10, '[]', 'x', 'final', now())"
        ),
        {"id": action.id.bytes * 2, "programme": action.programme_id},
    )
    batch = {"batch": action.id.bytes * 2, "id": action.id}
    db.execute(
        text(
            "update action set state = 'settled', batch_id = :batch, leaf = :batch,"
            " leaf_index = 0 where id = :id"
        ),
        batch,
    )

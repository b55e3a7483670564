"""A round of cases: one that can't be done stops no other, and is not passed over in silence."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.deploying.record import Deployment
from app.chain.errors import NodeUnreachable
from app.chain.typed import address_of, new_key
from app.endings import closing
from app.outbox.leases import Fence, acquire
from app.outbox.models import Incident
from app.outbox.service import report_incident
from app.rewards.models import Programme, ProgrammeState
from app.services import Services
from tests.support.city import City
from workers import jobs
from workers.context import Workshop
from workers.one_by_one import OneByOne, Waits
from workers.season_jobs import seasons

NOWHERE = Deployment(31337, "0x0", 0, *["0x0"] * 11)  # nobody here asks the chain


def _fence(services: Services) -> Fence:
    with services.database.transaction() as session:
        fence = acquire(session, f"one-by-one-{uuid4()}", "test", 60)
    assert fence is not None
    return fence


def test_one_that_fails_or_waits_stops_no_other(services: Services) -> None:
    fails, waits = uuid4(), uuid4()
    due = [uuid4(), fails, waits, uuid4()]

    def step(session: Session, now: datetime, tried: set[UUID]) -> bool:
        one = next((one for one in due if one not in tried), None)
        if one is None:
            return False
        tried.add(one)
        report_incident(session, code="one_by_one", detail="done", now=now, reference=str(one))
        if one == waits:
            raise Waits
        if one == fails:
            raise LookupError("this one")
        return True

    round_ = OneByOne(services, _fence(services))
    round_.run(step)
    with pytest.raises(ExceptionGroup) as failed:
        round_.done()
    assert [str(one) for one in failed.value.exceptions] == ["this one"]
    with services.database.session() as session:
        kept = session.scalars(
            select(col(Incident.reference)).where(col(Incident.code) == "one_by_one")
        ).all()
    assert set(kept) == {str(due[0]), str(due[3])}


def test_a_season_that_fails_holds_up_no_other(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    with services.database.transaction() as session:
        city = City(session, services.clock.now(session))
        fails, begins = (city.programme().id for _ in range(2))
        for one in (fails, begins):
            session.get_one(Programme, one).state = ProgrammeState.PUBLISHED
    archive = closing._archive

    def broken(session: Session, programme: Programme, now: datetime) -> bool:
        if programme.id == fails:
            raise LookupError("this one")
        return archive(session, programme, now)

    monkeypatch.setattr(closing, "_archive", broken)
    workshop = Workshop(services, NOWHERE, "test")
    with pytest.raises(ExceptionGroup):
        seasons(workshop, _fence(services))
    with services.database.session() as session:
        states = [session.get_one(Programme, one).state for one in (fails, begins)]
    assert states == [ProgrammeState.PUBLISHED, ProgrammeState.RUNNING]


@pytest.mark.parametrize("what", ["publish_cells", "cut_batch", "_limits"])
def test_a_programme_that_fails_holds_up_no_other_s_credits_and_figures(
    services: Services, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    with services.database.transaction() as session:
        city = City(session, services.clock.now(session))
        programmes = [city.programme() for _ in range(3)]
        for one in programmes:
            one.token_address = address_of(new_key())
    tried = list[str]()

    def broken(*given: object, **_: object) -> object:
        [programme] = [one for one in given if isinstance(one, Programme)]
        tried.append(programme.slug)
        if programme.id == programmes[0].id:
            raise LookupError("this one")
        return object()

    monkeypatch.setattr(jobs, "due_programmes", lambda *_: programmes)
    monkeypatch.setattr(jobs, "_limits", lambda *_: None)
    monkeypatch.setattr(jobs, "cut_batch", lambda *_, **__: object())
    monkeypatch.setattr(jobs, what, broken)
    job = jobs.cells if what == "publish_cells" else jobs.batch
    with pytest.raises(ExceptionGroup) as failed:
        job(Workshop(services, NOWHERE, "test"), _fence(services))
    assert [str(one) for one in failed.value.exceptions] == ["this one"]
    assert {one.slug for one in programmes} <= set(tried)


def test_without_a_node_no_programme_is_tried_in_vain(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    with services.database.transaction() as session:
        city = City(session, services.clock.now(session))
        programmes = [city.programme() for _ in range(2)]
    tried = list[Programme]()

    def away(_workshop: Workshop, _fence: Fence, programme: Programme) -> None:
        tried.append(programme)
        raise NodeUnreachable("nobody answers")

    monkeypatch.setattr(jobs, "due_programmes", lambda *_: programmes)
    monkeypatch.setattr(jobs, "_limits", away)
    with pytest.raises(NodeUnreachable):
        jobs.batch(Workshop(services, NOWHERE, "test"), _fence(services))
    assert tried == programmes[:1]


def test_what_is_no_single_one_s_fault_ends_the_round(services: Services) -> None:
    def step(_session: Session, _now: datetime, _tried: set[UUID]) -> bool:
        raise LookupError("all of them")

    with pytest.raises(LookupError, match="all of them"):
        OneByOne(services, _fence(services)).run(step)


def fails(what: str) -> bool:
    raise LookupError(what)


def named(services: Services, fence: Fence) -> dict[str | None, str]:
    with services.database.session() as session:
        query = select(Incident).where(
            col(Incident.code) == "one_fails",
            col(Incident.acknowledged_at).is_(None),
            col(Incident.reference).startswith(f"{fence.name}:"),
        )
        return {one.reference: one.detail for one in session.scalars(query)}


def test_each_that_fails_is_an_alarm_until_it_works_again(services: Services) -> None:
    fence, case = _fence(services), uuid4()

    def step(_session: Session, _now: datetime, tried: set[UUID]) -> bool:
        if case in tried:
            return False
        tried.add(case)
        return fails("this case")

    for _ in range(2):
        round_ = OneByOne(services, fence)
        with round_.apart("spring"):
            fails("this programme")
        round_.run(step)
        with pytest.raises(ExceptionGroup):
            round_.done()
    assert named(services, fence) == {
        f"{fence.name}:spring": f"{fence.name}, spring: LookupError: this programme",
        f"{fence.name}:{case}": f"{fence.name}, {case}: LookupError: this case",
    }
    round_ = OneByOne(services, fence)
    round_.run(lambda *_: False)
    assert round_.done() == 0
    assert named(services, fence) == {}

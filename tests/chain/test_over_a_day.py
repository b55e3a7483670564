"""What alone is above a whole day's ceiling or limit is named, and holds up nobody else's."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.chain.contracts.failures import settle_refusal
from app.chain.errors import Reverted
from app.outbox.models import Incident, OutboxItem, OutboxState
from app.outbox.service import enqueue
from app.rewards.batches.due import Limits
from app.rewards.batches.waiting import Reason, Wait, waits_of
from app.rewards.models import Batch, BatchState
from app.rewards.money import ledger
from tests.support.chain_world import World
from tests.support.deeds_on_chain import by_timelock

LIMIT = "DailyLimitExceeded"


def alarms(world: World, code: str) -> list[str]:
    """What is open of it."""
    with world.services.database.session() as session:
        of_it = col(Incident.code) == code, col(Incident.acknowledged_at).is_(None)
        return list(session.scalars(select(col(Incident.detail)).where(*of_it)))


def credited(world: World, addresses: list[str]) -> list[int]:
    with world.services.database.session() as session:
        return sorted(ledger.available(session, address) for address in addresses)


def test_a_batch_above_a_lowered_ceiling_is_cut_anew(world: World) -> None:
    programme, people = world.programme(), world.citizens(3)
    world.deeds(programme, people)
    made = world.cut(programme)
    assert made is not None
    by_timelock(world, "ActionRegistry", "setDailyCeiling", programme.chain_id, 250)
    world.settle()
    with world.services.database.session() as session:
        assert session.get_one(Batch, made.id).state is BatchState.CANCELLED
    smaller = world.cut(programme, Limits(daily_ceiling_cents=250))
    assert smaller is not None
    assert smaller.reward_cents == 200
    world.settle()
    assert credited(world, [address for _, address in people]) == [0, 100, 100]


def test_a_deed_that_no_day_lets_through_holds_up_nobody(world: World) -> None:
    programme = world.programme()
    [large], people = world.deeds(programme, world.citizens(1), cents=900), world.citizens(2)
    small = world.deeds(programme, people)
    with world.transaction() as (session, now):
        for one in small:
            session.get_one(Action, one.id).due_at = now  # behind the large one
    made = world.cut(programme, Limits(daily_ceiling_cents=850))
    assert made is not None
    assert made.reward_cents == 200
    [told] = alarms(world, "deed_above_day_ceiling")
    assert "1 deeds" in told
    assert "850" in told
    with world.transaction() as (session, now):
        kept = session.get_one(Action, large.id)
        assert kept.state is ActionState.AUTHENTICATED
        assert waits_of(session, [kept], now) == {kept.id: Wait(Reason.DAY_CEILING, None)}
    assert world.cut(programme, Limits(daily_ceiling_cents=2000)) is not None, "once it was raised"
    assert alarms(world, "deed_above_day_ceiling") == []
    world.settle()
    assert credited(world, [large.account_address]) == [900]


def test_however_many_no_day_lets_through_hide_nobody_behind_them(world: World) -> None:
    """A batch holds two deeds here, and three that are too large stand first."""
    programme, limits = world.programme(), Limits(actions=2, daily_ceiling_cents=850)
    world.deeds(programme, world.citizens(3), cents=900)
    small = world.deeds(programme, world.citizens(2))
    with world.transaction() as (session, now):
        for one in small:
            session.get_one(Action, one.id).due_at = now
    made = world.cut(programme, limits)
    assert made is not None
    assert made.reward_cents == 200
    assert ["3 deeds" in told for told in alarms(world, "deed_above_day_ceiling")] == [True]
    world.settle()
    assert credited(world, [one.account_address for one in small]) == [100, 100]


@pytest.fixture
def pay_out(world: World) -> OutboxItem:
    with world.transaction() as (session, now):
        payload = {
            "reference": b"\x08" * 32,
            "programme_id": b"\x09" * 32,
            "payees": ["0x" + "12" * 20],
            "amounts": [500],
        }
        return enqueue(session, kind="pay_out", key="08" * 32, payload=payload, now=now)


def test_a_pay_out_above_the_limit_is_named_until_that_is_raised(
    world: World, pay_out: OutboxItem
) -> None:
    """As the sender writes the chain's answer down."""
    for amount, limit, named in ((700, 400, 1), (700, 600, 0), (500, 400, 1)):
        refusal = Reverted(LIMIT, {"amount": amount, "limit": limit})
        with world.transaction() as (session, now):
            row = session.get_one(OutboxItem, pay_out.id, with_for_update=True)
            settle_refusal(session, [row], refusal, now, world.edge.on_failure)
            assert row.state is OutboxState.WAITING, "it goes out by itself once it may"
            assert (row.waits_until is None) is bool(named), "nobody knows when"
        assert len(alarms(world, "above_day_limit")) == named

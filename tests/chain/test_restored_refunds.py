"""Refunds that were sent after the backup, of payments that were settled after it: given once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.backup.service import bring_up, open_doors
from app.journal import Journal
from app.merchants.models import OrderState
from app.outbox.models import Incident, OutboxState
from app.outbox.operator import By
from app.rewards.models import Hold
from app.rewards.money import ledger
from tests.support.chain_world import DEPTH, World
from tests.support.paying_on_chain import CLOSED, OPEN, Paying, set_state
from tests.support.postgres import Cluster
from tests.support.restoring import backed_up, restored
from workers.reconciling import check


@dataclass(frozen=True)
class Lost:
    """A city that lost its database: payments and refunds, each by what became of it."""

    paying: Paying
    payee: str
    orders: dict[str, bytes]
    refunds: dict[str, bytes]


@pytest.fixture(scope="module")
def lost(world: World, postgres: Cluster) -> Iterator[Lost]:
    """Four payments that were accepted before the backup. Of two a part was given back at once, and
    waits for them; the others give back afterwards. Of each kind one is done and one under way."""
    paying = Paying(world, world.programme())
    shop, shut, people = paying.shop(), paying.shop(), [one for one, _ in paying.people(3)]
    names = ("early", "later", "later, under way")
    orders = {name: paying.pay(one, shop, 50) for name, one in zip(names, people, strict=True)}
    orders["early, under way"] = paying.pay(people[0], shut, 50)
    refunds = {"early": paying.give_back(shop, orders["early"], 10)}
    refunds["early, under way"] = paying.give_back(shut, orders["early, under way"], 5)
    with ExitStack() as stack:
        copy = stack.enter_context(backed_up(postgres, world.services))
        set_state(world, shut, CLOSED)
        paying.round()
        refunds["later"] = paying.give_back(shop, orders["later"], 20)
        without_what_waits(world)
        assert {paying.refund(refunds[one]).state for one in ("early", "later")} == {
            OrderState.SETTLED
        }
        set_state(world, shut, OPEN)
        paying.round()
        refunds["later, under way"] = paying.give_back(shop, orders["later, under way"], 30)
        assert world.send() == 1
        stack.enter_context(restored(postgres, world, copy))
        yield Lost(paying, shop.address, orders, refunds)


def without_what_waits(world: World) -> None:
    """A round in which what the desk skipped isn't tried again."""
    with world.transaction() as (session, _):
        later = "update outbox_item set not_before = now() + interval '1 hour' where skipped"
        session.execute(text(later))
    world.send()
    world.mine(DEPTH + 1)
    world.confirm()
    world.index()


def held(world: World) -> set[bytes]:
    with world.services.database.session() as session:
        query = select(col(Hold.reference)).where(
            col(Hold.reason) == "refund", col(Hold.ended_at).is_(None)
        )
        return set(session.scalars(query))


def test_each_is_given_once_and_nothing_stands_still(world: World, lost: Lost) -> None:
    paying = lost.paying
    report = bring_up(world.edge, Journal(world.services.settings.kept.journal))
    assert report.unmatched == []
    assert held(world) == {one for name, one in lost.refunds.items() if "under way" in name}
    with world.transaction() as (session, now):
        open_doors(session, world.edge, By("test", "matched"), now)
    for _ in range(3):
        paying.round()
    assert {paying.row(one).state for one in lost.refunds.values()} == {OutboxState.FINAL}
    assert {paying.refund(one).state for one in lost.refunds.values()} == {OrderState.SETTLED}
    everything = (*lost.orders.values(), *lost.refunds.values())
    assert [paying.executions(one) for one in everything] == [1] * 8
    with world.transaction() as (session, now):
        holds = text("select count(*) from hold where ended_at is null")
        assert session.execute(holds).scalar_one() == 0
        assert ledger.final_balance(session, lost.payee) == 150 - 60
        assert check(session, now, set()) == 0
        assert set(session.scalars(select(col(Incident.code)))) <= {"lost_in_restore"}

"""From authenticated actions to balances and public cells, on a real node, step by step."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.actions.models import Action, ActionLog, ActionState
from app.chain.contracts.codec import decode_answer, encode_call
from app.chain.sending.filling import REFUSED
from app.db import uuid7
from app.errors import Problem
from app.outbox.models import Incident, OutboxState, TransactionState
from app.reporting.models import PublishedCell
from app.rewards.batches.cells import publish_cells
from app.rewards.batches.choosing import unspent_budget
from app.rewards.models import Batch, BatchState, CellPublication, Funding, LedgerEntry, Programme
from app.rewards.money import ledger
from app.rewards.money.funding import confirm_funding, propose_funding
from app.rewards.money.withdrawals import withdraw_funding
from tests.support.batches_under_way import balances, cut
from tests.support.chain_world import World


def test_programme_and_funding_become_final(world: World) -> None:
    programme = world.programme(cents=5_000)
    with world.services.database.session() as session:
        funding = session.scalars(
            select(Funding).where(col(Funding.programme_id) == programme.id)
        ).one()
    assert funding.final_at is not None


def test_batch_credits_everybody_once(world: World) -> None:
    programme = world.programme()
    people = world.citizens(3)
    actions = [*world.deeds(programme, people), *world.deeds(programme, people[:1], cents=50)]
    batch = world.cut(programme)
    assert batch is not None
    assert batch.action_count == 4
    artefact = json.loads((world.folder / batch.artefact).read_text())
    assert {entry[0] for entry in artefact["actions"]} == {str(action.id) for action in actions}
    with world.services.database.session() as session:
        assert ledger.available(session, people[0][1]) == 0, "nothing counts before it is final"
    world.settle()
    with world.services.database.session() as session:
        assert [ledger.available(session, address) for _, address in people] == [150, 100, 100]
        settled = session.get_one(Batch, batch.id)
        states = set(
            session.scalars(select(col(Action.state)).where(col(Action.batch_id) == batch.id))
        )
        logged = session.scalars(
            select(ActionLog).where(col(ActionLog.action_id) == actions[0].id)
        ).all()
    assert settled.state is BatchState.FINAL
    assert states == {ActionState.SETTLED}
    assert [(row.before, row.after) for row in logged] == [
        ("authenticated", "batched"),
        ("batched", "settled"),
    ]
    assert _balance_on_chain(world, programme.token_address or "", people[0][1]) == 150


def test_a_list_that_was_lost_is_written_again_before_its_batch_is_sent(world: World) -> None:
    programme = world.programme()
    world.deeds(programme, world.citizens(3))
    batch = world.cut(programme)
    assert batch is not None
    file = world.folder / batch.artefact
    written = file.read_text()
    file.unlink()
    assert world.send() == 1
    assert file.read_text() == written, "the same, leaf by leaf"
    world.settle()


def test_cells_of_five_people_are_published_and_fewer_kept_back(world: World) -> None:
    programme = world.programme()
    people = world.citizens(6)
    world.deeds(programme, people[:4])
    world.cut(programme)
    world.settle()
    assert _publish(world, programme) is None, "four people are too few"
    world.deeds(programme, people[4:])
    world.cut(programme)
    world.settle()
    publication = _publish(world, programme)
    assert publication is not None
    assert publication.kept_back_actions == 0
    world.settle()
    with world.services.database.session() as session:
        cell = session.scalars(
            select(PublishedCell).where(col(PublishedCell.programme_chain_id) == programme.chain_id)
        ).one()
        stored = session.get_one(CellPublication, (programme.id, publication.period))
    assert (cell.actions, cell.reward_cents) == (6, 600)
    assert stored.final_at is not None
    assert _publish(world, programme) is None, "a period is published once"


def test_reversed_deeds_of_five_people_are_taken_back_in_public(world: World) -> None:
    programme = world.programme()
    people = world.citizens(8)
    actions = world.deeds(programme, people)
    world.cut(programme)
    world.settle()
    assert _publish(world, programme) is not None
    _reverse(world, actions[:1])
    assert _publish(world, programme, periods=2) is None, "one person's reversal is kept back"
    _reverse(world, actions[1:6])
    correction = _publish(world, programme, periods=2)
    assert correction is not None
    assert [cell["correction"] for cell in correction.cells] == [True]
    world.settle()
    with world.services.database.session() as session:
        mine = select(PublishedCell).where(
            col(PublishedCell.programme_chain_id) == programme.chain_id
        )
        cells = {cell.correction: cell for cell in session.scalars(mine)}
    assert (cells[False].actions, cells[True].actions) == (8, 6)
    assert cells[True].reward_cents == 600


def _reverse(world: World, actions: list[Action]) -> None:
    with world.transaction() as (session, now):
        for action in actions:
            row = session.get_one(Action, action.id)
            row.state, row.reversed_at = ActionState.REVERSED, now


def _publish(world: World, programme: Programme, *, periods: int = 1) -> CellPublication | None:
    """As seen in a later period, in which all that is final now may be shown."""
    with world.transaction() as (session, now):
        return publish_cells(session, programme, now + timedelta(seconds=periods * 60 + 1))


def _balance_on_chain(world: World, token: str, address: str) -> int:
    data = encode_call("ImpactToken", "balanceOf", [address])
    return int(decode_answer("ImpactToken", "balanceOf", world.edge.client.read(token, data)))


def test_every_transaction_ended_final(world: World) -> None:
    assert {row.state for row in world.transactions()} == {TransactionState.FINAL}
    assert world.states() == {OutboxState.FINAL}
    with world.services.database.session() as session:
        entries = session.scalars(select(LedgerEntry)).all()
    assert sum(entry.amount_cents for entry in entries) == 350 + 300 + 600 + 800


def test_a_wrong_funding_is_withdrawn_and_its_reference_used_anew(world: World) -> None:
    programme = world.programme()
    one, other = uuid7(), uuid7()
    named: dict[str, Any] = {"bank_reference": f"TRANSFER-{uuid7()}", "by": one}
    with world.transaction() as (session, now):
        wrong = propose_funding(session, programme, amount_cents=9_000, now=now, **named)
        withdraw_funding(session, wrong.id, by=other, now=now)
        with pytest.raises(Problem, match="funding-withdrawn"):
            confirm_funding(session, wrong.id, by=other, now=now)
    with (
        pytest.raises(Problem, match="bank-reference-known"),
        world.transaction() as (session, now),
    ):
        propose_funding(session, programme, amount_cents=900, now=now, **named)
    world.settle()
    with world.transaction() as (session, now):
        right = propose_funding(session, programme, amount_cents=900, now=now, **named)
        confirm_funding(session, right.id, by=other, now=now)
        with pytest.raises(Problem, match="funding-confirmed"):
            withdraw_funding(session, right.id, by=other, now=now)
    world.settle()
    with world.services.database.session() as session:
        counted = [session.get_one(Funding, each.id).final_at for each in (wrong, right)]
        left = unspent_budget(session, programme)
    assert (counted[0], counted[1] is not None) == (None, True)
    assert left == 1_000_900


def test_where_gas_has_a_price_it_is_offered_and_who_cannot_pay_is_named(world: World) -> None:
    price, programme = 3_000_000_000, world.programme()
    _, addresses = cut(world, programme)
    free = world.edge
    world.edge = replace(free, gas_price=price)
    world.send()
    with world.services.database.session() as session:
        refused = session.scalars(select(Incident).where(col(Incident.code) == REFUSED)).one()
    assert "nsufficient funds" in refused.detail
    minter = world.signer.address_of("minter")
    world.node.rpc("anvil_setBalance", minter, hex(10**18))
    world.settle()
    world.edge = free
    assert balances(world, addresses) == {100}
    sent = world.transactions()[-1]
    receipt = world.node.rpc("eth_getTransactionReceipt", "0x" + sent.hash.hex())
    assert int(receipt["effectiveGasPrice"], 16) == price
    left = int(world.node.rpc("eth_getBalance", minter, "latest"), 16)
    assert left == 10**18 - price * int(receipt["gasUsed"], 16)

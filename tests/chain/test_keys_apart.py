"""One key's trouble holds up no other key, and is named until it is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.chain.errors import NodeBusy, WrongChain
from app.chain.sending import confirmer
from app.chain.sending.by_key import each
from app.errors import Problem
from app.outbox import operator
from app.outbox.leases import LeaseLost
from app.outbox.models import ChainTransaction, Incident, OutboxState
from app.outbox.operator import By
from app.outbox.queue import RowsTaken
from app.outbox.service import enqueue
from tests.support.batches_under_way import balances, batch_row, cut, open_incidents
from tests.support.chain_world import DEPTH, World
from tests.support.scripted_node import ScriptedNode


def named(world: World) -> list[str]:
    """The keys that the job is said to fail for."""
    with world.services.database.session() as session:
        query = select(col(Incident.reference)).where(
            col(Incident.code) == "key_fails", col(Incident.acknowledged_at).is_(None)
        )
        return [str(about).removeprefix("test:") for about in session.scalars(query)]


@contextmanager
def signer_fails(world: World, role: str, code: str) -> Iterator[None]:
    real = world.signer.address_of

    def address_of(asked: str) -> str:
        if asked == role:
            raise Problem(code)
        return real(asked)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.signer, "address_of", address_of)
        yield


def a_deed_of(world: World, key: str) -> None:
    """The registrar's, whose turn comes after the minter's."""
    with world.transaction() as (session, now):
        payload = {"payee": "0x" + key * 20}
        enqueue(session, kind="register_payee", key=key, payload=payload, now=now)


def test_a_key_that_the_signer_refuses_holds_up_no_other(world: World) -> None:
    """Whether its turn comes before theirs or after."""
    for number, (fails, goes) in enumerate((("minter", "registrar"), ("registrar", "minter"))):
        batch, addresses = cut(world, world.programme())
        a_deed_of(world, f"a{number}")
        before = {row.id for row in world.transactions()}
        with signer_fails(world, fails, "signer-request-invalid"):
            with pytest.raises(Problem):
                world.send()
            assert [row.signer for row in world.transactions() if row.id not in before] == [goes]
            assert named(world) == [fails]
        world.send()
        assert named(world) == [], "it works again"
        world.settle()
        assert balances(world, addresses) == {100}
        assert batch_row(world, batch).state is OutboxState.FINAL


def test_that_the_signer_is_away_is_no_key_s_fault(world: World) -> None:
    a_deed_of(world, "b0")
    with signer_fails(world, "registrar", "signer-away"), pytest.raises(Problem):
        world.send()
    assert "key_fails" not in open_incidents(world)
    world.settle()


def test_what_cannot_be_confirmed_holds_up_no_other_key(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, addresses = cut(world, world.programme())
    a_deed_of(world, "c0")
    world.send()
    world.mine(DEPTH + 1)
    real = confirmer.confirm

    def confirm(*given: object) -> bool:
        [transaction] = [one for one in given if isinstance(one, ChainTransaction)]
        if transaction.signer == "minter":
            raise LookupError("this one")
        return real(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(confirmer, "confirm", confirm)
        with pytest.raises(LookupError, match="this one"):
            world.confirm()
    assert named(world) == ["minter"]
    assert world.states() == {OutboxState.SENT, OutboxState.FINAL}
    world.settle()
    assert named(world) == []
    assert balances(world, addresses) == {100}


def test_the_first_error_is_raised_when_all_were_tried(world: World) -> None:
    done = list[int]()

    def do(number: int) -> bool:
        if number in errors:
            raise errors[number]
        done.append(number)
        return True

    def round_of(*numbers: int) -> int:
        return each(world.edge, world.fence, ((str(one), one) for one in numbers), do)

    errors: dict[int, Exception] = {1: NodeBusy("later"), 2: LookupError("never")}
    with pytest.raises(NodeBusy):
        round_of(0, 1, 2, 3)
    assert (done, named(world)) == ([0, 3], ["2"]), "a busy node is no key's fault"
    errors = {2: NodeBusy("later")}
    with pytest.raises(NodeBusy):
        round_of(2)
    assert named(world) == ["2"], "nobody knows yet whether it works again"
    errors = {}
    assert round_of(2, 3) == 2
    assert named(world) == []


@pytest.mark.parametrize("ends", [LeaseLost("test"), WrongChain("another genesis")])
def test_what_must_stop_everything_ends_the_round(world: World, ends: Exception) -> None:
    done = list[int]()

    def do(number: int) -> bool:
        done.append(number)
        raise ends if number else LookupError("this one")

    with pytest.raises(type(ends)):
        each(world.edge, world.fence, ((str(one), one) for one in range(3)), do)
    assert done == [0, 1]


def test_that_an_operator_takes_a_row_meanwhile_is_no_key_s_fault(
    world: World, node: ScriptedNode
) -> None:
    """Between choosing it and storing what carries it; afterwards nothing may be left to do."""
    batch, _ = cut(world, world.programme())

    def meanwhile(double: ScriptedNode, method: str, parameters: list[Any]) -> dict[str, Any]:
        with world.transaction() as (session, now):
            row, by = batch_row(world, batch).id, By("ana", "a mistake")
            operator.cancel(session, row, by, now, world.edge.on_failure)
        return double.real(method, parameters)

    node.when("eth_estimateGas", meanwhile, times=1)
    sent = len(world.transactions())
    with pytest.raises(RowsTaken):
        world.send()
    assert len(world.transactions()) == sent
    assert named(world) == []
    world.settle()

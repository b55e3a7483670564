"""The artefact store has lost what was signed with a nonce; what came after it is there, unmined.

One loss; the tests are its chapters, in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.backup.lost_bytes import WAITS
from app.backup.matching import Decided
from app.backup.service import bring_up, open_doors
from app.chain import typed
from app.chain.sending.kept_transactions import kept_of
from app.chain.typed import keccak
from app.journal import Journal
from app.outbox import operator
from app.outbox.models import Incident
from app.outbox.operator import By
from app.rewards.models import Programme
from tests.support.batches_under_way import balances, hurry, paused_keys
from tests.support.chain_world import DEPTH, World
from tests.support.postgres import Cluster
from tests.support.restoring import backed_up, restored

WHO = By("ana", "the disk is gone")
MISSING = "its bytes are missing in the artefact store, later ones are there"


@dataclass
class Loss:
    """One batch was sent before the backup and two after it, and the chain took all back; the bytes
    of the second are lost. `raw`: some node may still have them; `below`: the first one's."""

    world: World
    programme: Programme
    people: list[str]
    nonce: int
    raw: bytes
    below: bytes

    def unmatched(self, decided: Decided | None = None) -> list[str]:
        kept = Journal(self.world.services.settings.kept.journal)
        return bring_up(self.world.edge, kept, decided).unmatched

    def named(self, what: str) -> list[str]:
        return [f"minter {self.world.signer.address_of('minter')}, nonce {self.nonce}: {what}"]

    @property
    def fill(self) -> Decided:
        return Decided(fill={("minter", self.nonce): WHO.words})


@pytest.fixture(scope="module")
def loss(world: World, postgres: Cluster) -> Iterator[Loss]:
    programme, people = world.programme(), world.citizens(6)
    world.deeds(programme, people[4:])
    _sent(world, programme)
    world.deeds(programme, people[:2])
    with backed_up(postgres, world.services) as copy:
        for late in ([], people[2:4]):
            world.deeds(programme, late)
            _sent(world, programme)
        below, first, _ = world.transactions()[-3:]
        world.node.rpc("anvil_rollback", 3)
        world.node.rpc("anvil_dropAllTransactions")
        [path] = (world.edge.artefacts / "transactions" / first.signer_address).glob(
            f"{first.nonce:012d}-*.json"
        )
        path.unlink()
        with restored(postgres, world, copy):
            addresses = [address for _, address in people]
            yield Loss(world, programme, addresses, first.nonce, first.raw, below.raw)


def _sent(world: World, programme: Programme) -> None:
    assert world.cut(programme) is not None
    assert world.send() == 1
    world.mine()


def test_only_its_own_key_can_fill_it(loss: Loss, monkeypatch: pytest.MonkeyPatch) -> None:
    assert loss.unmatched() == loss.named(MISSING)
    monkeypatch.setitem(loss.world.signer.keys, "minter", b"\7" * 32)
    address = typed.address_of(keccak(b"test key minter"))
    filled = Decided(fill={(address, loss.nonce): WHO.words})
    assert loss.unmatched(filled)[0].endswith("give that back to the signer first")


def test_where_the_lost_bytes_are_mined_instead_the_doors_stay_shut(loss: Loss) -> None:
    """Their batch is on the chain then, and our books would credit its deeds once more."""
    world = loss.world
    before = world.node.rpc("evm_snapshot")
    for raw in (loss.below, loss.raw):
        world.edge.client.send_raw(raw)
    world.mine(DEPTH + 1)
    used = loss.named("used for nothing that the artefact store holds")
    assert loss.unmatched(loss.fill)[:1] == used
    [unmatched] = loss.unmatched(Decided(strangers={("minter", loss.nonce): WHO.words}))
    assert "is on the chain, and no list of it is here" in unmatched
    world.node.rpc("evm_revert", before)


def test_the_operator_fills_it_and_the_doors_open_once_that_is_final(loss: Loss) -> None:
    world = loss.world
    waits = loss.named(WAITS)
    assert loss.unmatched(loss.fill) == waits
    world.node.rpc("anvil_dropAllTransactions")
    assert loss.unmatched() == waits, "handed over again, and nobody need say it again"
    world.mine()
    assert loss.unmatched() == waits
    world.mine(DEPTH)
    assert loss.unmatched() == []
    [kept] = kept_of(world.edge.artefacts, world.signer.address_of("minter"), loss.nonce)
    assert kept.reason == WHO.words
    with world.transaction() as (session, now):
        open_doors(session, world.edge, WHO, now)
        told = select(col(Incident.detail)).where(col(Incident.code) == "lost_in_restore")
        assert any("it was filled with nothing" in one for one in session.scalars(told))


def test_afterwards_everything_is_credited_once(loss: Loss) -> None:
    world = loss.world
    for _ in range(2):
        world.send()
        world.mine(DEPTH + 1)
        world.confirm()
        world.index()
    assert paused_keys(world) == {"minter"}, "the batch behind it has another place now"
    with world.transaction() as (session, now):
        operator.resume_key(session, "minter", WHO, now)
    hurry(world)
    world.settle()
    assert world.cut(loss.programme) is not None, "the deeds of the batch that was lost"
    world.settle()
    assert balances(world, loss.people) == {100}

"""Recovery on a real chain: its domain and views, the acceptor's word, and time that passes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from app.chain import typed
from app.chain.contracts.codec import decode_answer, encode_call
from app.chain.typed_recovery import RECOVERY, Release
from app.recovery.chain import chain_recovery_id
from tests.support.accounts_on_chain import desk
from tests.support.chain_world import World


@dataclass
class Acceptor:
    """As the signer process signs, after its own checks."""

    world: World

    def release(self, case_id: UUID, holds: int) -> bytes:
        return self._signed(Release(chain_recovery_id(case_id), holds))

    def end_recovered_cards(self, case_id: UUID) -> None:
        raise AssertionError(f"{case_id} is a device's: nothing here was opened by a card")

    def accept_forward(self, forward: typed.Struct) -> bytes:
        return self._signed(forward)

    def _signed(self, struct: typed.Struct) -> bytes:
        own = domain(self.world)
        acceptance = typed.acceptance_digest(own, typed.digest(own, struct))
        return typed.sign(acceptance, self.world.signer.keys["acceptor"])


def domain(world: World) -> typed.Domain:
    place = desk(world)
    return typed.Domain(RECOVERY, place.chain_id, world.edge.addresses["Recovery"], place.salt)


def read(world: World, contract: str, view: str, arguments: list[object]) -> object:
    data = encode_call(contract, view, arguments)
    answer = world.edge.client.read(world.edge.addresses[contract], data)
    return decode_answer(contract, view, answer)


def later(world: World, hours: int) -> None:
    """Time passes here and there."""
    with world.transaction() as (session, _):
        columns = ("proposed_at", "confirmed_at", "ready_at", "ends_at")
        earlier = ", ".join(f"{one} = {one} - :span" for one in columns)
        session.execute(text(f"update recovery set {earlier}"), {"span": timedelta(hours=hours)})
    world.node.rpc("evm_increaseTime", hours * 3600)
    world.mine()

"""Gas on a real node, from receipts: calldata and the transaction's own cost included.

A full batch of accounts that hold something, one of new accounts beside it, and what the same
would cost with one mint for each action.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.chain.contracts.codec import encode_call
from app.rewards.batches.due import Limits as BatchLimits
from app.rewards.models import Programme
from app.services import connect
from load.place import database, settings_of, temporary_home
from load.result import Result, at_most, beside, times_less
from tests.support.chain_world import World, chain_world

BARE_CREDIT = 7658  # measured once: a bare mapping-and-event mint in a batch, calldata included
ACTIONS_EACH = 5
TIMES_LESS = 20
REPEAT, NEW = 1850, 575  # accounts of a full batch, see app.rewards.batches.choosing
CENTS = 137
_PLENTY = 4_000_000


def measure() -> Iterator[Result]:
    """In a database and on a node of its own."""
    with temporary_home() as home, database(home):
        services = connect(settings_of(home), name="civis bench")
        try:
            with chain_world(services, home / "world") as world:
                yield from _measure(world)
        finally:
            services.database.dispose()


def _measure(world: World) -> Iterator[Result]:
    programme, people = world.programme(cents=_PLENTY), world.citizens(REPEAT)
    world.deeds(programme, people)
    first = _batches(world, programme, BatchLimits(actions=NEW))
    for _ in range(ACTIONS_EACH):
        world.deeds(programme, people, cents=CENTS)
    (gas,) = _batches(world, programme, BatchLimits())
    each = gas / REPEAT
    yield at_most("gas, credited repeat recipient", each, BARE_CREDIT, "gas", 1.15)
    yield beside("gas, credited new recipient", first[0] / NEW, "gas", BARE_CREDIT)
    mint = _one_mint(world, programme, people[0][1])
    yield times_less("gas, action at five a citizen", each / ACTIONS_EACH, mint, "gas", TIMES_LESS)


def _batches(world: World, programme: Programme, limits: BatchLimits) -> list[int]:
    """Cuts what is due and settles it; the gas of each batch's transaction."""
    before = {row.id for row in world.transactions()}
    while world.cut(programme, limits) is not None:
        pass
    world.settle()
    return [row.gas_used or 0 for row in world.transactions() if row.id not in before]


def _one_mint(world: World, programme: Programme, account: str) -> int:
    """The same token's own mint to one account that holds some, as a transaction alone."""
    programmes = world.edge.addresses["Programmes"]
    credits_ = [bytes.fromhex(account[2:]) + CENTS.to_bytes(12, "big")]
    data = "0x" + encode_call("ImpactToken", "mintMany", [credits_]).hex()
    world.node.rpc("anvil_impersonateAccount", programmes)
    sent = {"from": programmes, "to": programme.token_address, "data": data}
    sent |= {"gas": "0x100000", "gasPrice": "0x0"}
    transaction = world.node.rpc("eth_sendTransaction", sent)
    world.mine()
    receipt = world.node.rpc("eth_getTransactionReceipt", transaction)
    if receipt["status"] != "0x1":
        raise RuntimeError("the mint reverted")
    return int(receipt["gasUsed"], 16)

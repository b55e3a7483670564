"""Sender and confirmer beside a script that sends the same signed bytes one after the other and
waits for each receipt; how a long queue drains; and from the end of a delay to the credit.

The jobs run by their real timetable. The script takes its bytes from their rows, on the same node
set back to where they began, in turns. Final is at once, as with validators, except for the credit.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from app.chain.rpc.client import ChainClient
from app.chain_descriptor import EMBEDDED_CHAIN, ChainDescriptor
from app.outbox.models import ChainTransaction
from app.rewards.money.ledger import available
from app.services import connect
from load.place import database, settings_of, temporary_home
from load.result import Result, at_least, at_most, beside
from tests.support import queues
from tests.support.chain_world import World, chain_world

ACCOUNTS, TURNS, EACH = 101, 3, 12
RATIO = 0.8
TEN, CREDITED_WITHIN = 10, 60.0
QUEUED, FEW, PACE = "1000", 11, 0.8
AT_ONCE = ChainDescriptor(0, 1, 1000, long_extra_data=False)
SENDING = frozenset({"sender", "confirmer"})
CREDITING = SENDING | {"batcher", "indexer"}
PATIENCE = 900.0  # seconds, for what should take a fraction of them


def measure() -> Iterator[Result]:
    """In a database and on a node of its own; `N=` batches in the long queue."""
    with temporary_home() as home, database(home):
        services = connect(settings_of(home), name="civis bench")
        try:
            with chain_world(services, home / "world") as world:
                yield from _measure(world, int(os.environ.get("N", QUEUED)))
        finally:
            services.database.dispose()


def _measure(world: World, queued: int) -> Iterator[Result]:
    world.edge = replace(world.edge, chain=EMBEDDED_CHAIN)
    yield _until_credited(world)
    world.edge = replace(world.edge, chain=AT_ONCE)
    yield from _beside_a_script(world)
    yield from _a_long_queue(world, queued)


def _until_credited(world: World) -> Result:
    """The delay of ten people's deeds ends; the embedded chain's blocks and depth."""
    programme = world.programme(batch_min_accounts=TEN)
    people = world.citizens(TEN)
    with (
        queues.blocks_made(world, EMBEDDED_CHAIN.block_seconds),
        queues.jobs_running(world, CREDITING),
    ):
        world.deeds(programme, people)
        began = time.monotonic()
        while not _all_credited(world, [address for _, address in people]):
            if time.monotonic() - began > PATIENCE:
                raise TimeoutError("nobody was credited")
            time.sleep(queues.LOOKS_EVERY)
        took = time.monotonic() - began
    return at_most("end of a delay to the credit", took, CREDITED_WITHIN, "s", 1.0)


def _all_credited(world: World, addresses: Sequence[str]) -> bool:
    with world.services.database.session() as session:
        return all(available(session, address) > 0 for address in addresses)


def _beside_a_script(world: World) -> Iterator[Result]:
    """With a block a second, as the embedded chain has; and with a block for each transaction,
    where nothing is left of a second but what both do themselves."""
    queue = queues.queue_of(world, ACCOUNTS)
    ours, script = _rates(queue, EMBEDDED_CHAIN.block_seconds)
    yield at_least("settling, a block a second", ours, script, "batches/s", RATIO)
    ours, script = _rates(queue, None)
    yield beside("settling, a block for each batch", ours, "batches/s", script)


def _rates(queue: queues.Queue, seconds: int | None) -> tuple[float, float]:
    """Batches a second: by the jobs, and by the script."""
    ours, script = [], []
    for _ in range(TURNS):
        took, rows = _by_jobs(queue, seconds)
        ours.append(EACH / took)
        script.append(EACH / _by_script(queue.world, rows, seconds))
    return median(ours), median(script)


def _by_jobs(queue: queues.Queue, seconds: int | None) -> tuple[float, list[ChainTransaction]]:
    """Until all are final. Afterwards the node stands where it stood before."""
    world = queue.world
    queues.hold(world)
    queue.cut(EACH)
    nonce, before = queues.last_nonce(world), world.node.rpc("evm_snapshot")
    with queues.jobs_running(world, SENDING), queues.blocks_made(world, seconds):
        queues.let_go(world)
        began = time.monotonic()
        rows = queues.wait_final(world, nonce, EACH, PATIENCE)
        took = time.monotonic() - began
    world.node.rpc("evm_revert", before)
    return took, rows


def _by_script(world: World, rows: Sequence[ChainTransaction], seconds: int | None) -> float:
    client = world.client_of(world.node.url)
    with queues.blocks_made(world, seconds):
        began = time.monotonic()
        for row in rows:
            client.send_raw(row.raw)
            _wait_receipt(client, row)
        took = time.monotonic() - began
    client.close()
    return took


def _wait_receipt(client: ChainClient, row: ChainTransaction) -> None:
    while (receipt := client.receipt(row.hash)) is None:
        time.sleep(queues.LOOKS_EVERY / 5)
    if not receipt.succeeded:
        raise RuntimeError("the same bytes had another outcome")


def _a_long_queue(world: World, number: int) -> Iterator[Result]:
    """A block for each; a tenth of the queue is measured at its beginning and at its end."""
    queue = queues.queue_of(world, FEW)
    queues.hold(world)
    queue.cut(number)
    nonce = queues.last_nonce(world)
    with queues.jobs_running(world, SENDING), queues.blocks_made(world, None):
        queues.let_go(world)
        rows = queues.wait_final(world, nonce, number, PATIENCE)
    signed = [row.signed_at.timestamp() for row in rows]
    tenth = max(number // 10, 2)
    first, last = signed[tenth - 1] - signed[0], signed[-1] - signed[-tenth]
    pauses = [after - before for before, after in pairwise(signed)]
    once = sum(tries == 1 for tries in queues.tries(world)[-number:])
    name = f"{number:,} queued batches"
    yield at_least(f"{name}, sent at the first try", once, number, "batches", 1.0)
    pace = ((tenth - 1) / last, (tenth - 1) / first)
    yield at_least(f"{name}, last tenth beside first", *pace, "batches/s", PACE)
    yield beside(f"{name}, longest pause", max(pauses), "s", median(pauses))

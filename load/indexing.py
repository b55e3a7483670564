"""Indexing: headers, logs, receipts, ledger, all of it, beside a bare loop that fetches the logs of
the same blocks and decodes them (`bare_logs.py`); and the memory for many logs and for few.

The chain is made up (tests/support/long_chain.py), in a process of its own; both ask it in turns.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

from app.chain.edge import Edge
from app.chain.indexing import finals, indexer
from app.chain.indexing.reading import Span
from app.chain.models import ChainCursor
from app.outbox.leases import Fence, acquire
from app.reporting.projecting import PROJECTIONS
from app.services import Services, connect
from load import bare_logs
from load.place import database, environ, settings_of, temporary_home
from load.result import Result, at_least, at_most, beside
from tests.support.long_chain import ADDRESSES, FIRST, client_of, long_chain

CREDITS = 200  # and their batch, in each block
BLOCKS, ROUNDS, SPAN = 40, 5, 20
MILLION, PART = 1_000_000, 10
MORE = 1.1  # times the memory of the short chain, at most
HALF = 0.5


def measure() -> Iterator[Result]:
    """Logs per second, the whole indexer's beside the bare loop's."""
    with temporary_home() as home, database(home):
        services = connect(settings_of(home), name="civis bench")
        try:
            yield from _measure(services)
        finally:
            services.database.dispose()


def _measure(services: Services) -> Iterator[Result]:
    """In a database that has read no chain yet."""
    with long_chain(1 + BLOCKS * ROUNDS, CREDITS) as url:
        rates = list(_rounds(services, url))
    ours, bare = (median(column) for column in zip(*rates, strict=True))
    logs = BLOCKS * (CREDITS + 1)
    yield at_least(f"indexing {logs:,} logs, ledger and all", ours, bare, "logs/s", HALF)


def measure_memory(logs: int = MILLION) -> Iterator[Result]:
    """MiB at most, of a process that indexes so many, and a tenth of them."""
    few, _ = _peak(logs // PART)
    many, seconds = _peak(logs)
    name = f"{logs:,} logs indexed"
    yield at_most(f"{name}, memory beside {logs // PART:,}", many, few, "MiB", MORE)
    yield beside(name, logs / seconds, "logs/s")


def _rounds(services: Services, url: str) -> Iterator[tuple[float, float]]:
    edge, fence = edge_of(services, url), fence_of(services)
    indexer.start_cursors(edge, fence)
    edge.client.blocks(FIRST, 1 + BLOCKS * ROUNDS)  # so that neither waits for the chain's making
    for number in range(ROUNDS):
        first = 1 + FIRST + number * BLOCKS
        logs = BLOCKS * (CREDITS + 1)
        began = time.perf_counter()
        if bare_logs.read(url, first, first + BLOCKS - 1, SPAN) != logs:
            raise RuntimeError("the bare loop found other logs")
        between = time.perf_counter()
        _index(edge, fence, first + BLOCKS - 1)
        yield logs / (time.perf_counter() - between), logs / (between - began)


def _index(edge: Edge, fence: Fence, last: int) -> None:
    span = Span(SPAN, SPAN)
    while indexer.follow(edge, fence, span, last):
        pass
    while finals.finalise(edge, fence, PROJECTIONS, last) is not None:
        pass
    with edge.database.session() as session:
        if session.get_one(ChainCursor, "final").number != last:
            raise RuntimeError("not indexed to the end")


def _peak(logs: int) -> tuple[float, float]:
    """MiB and seconds of a process that indexes a chain with so many."""
    blocks = 1 + logs // (CREDITS + 1)
    with temporary_home() as home, database(home), long_chain(blocks, CREDITS) as url:
        return _in_process(home, url, blocks)


def _in_process(home: Path, url: str, blocks: int) -> tuple[float, float]:
    """As above, in the database of that home."""
    left = home / "peak"
    command = [sys.executable, "-m", "load.indexing", url, str(blocks), str(left)]
    began = time.monotonic()
    subprocess.run(command, check=True, env=environ(home))
    return float(left.read_text("utf-8")), time.monotonic() - began


def main(url: str, last: int, left: Path) -> None:
    """One process that indexes, and leaves how much memory it took at most."""
    home = left.parent
    services = connect(settings_of(home), name="civis bench")
    edge, fence = edge_of(services, url), fence_of(services)
    indexer.run(edge, fence, PROJECTIONS, Span.up_to(1000))
    with services.database.session() as session:
        if session.get_one(ChainCursor, "final").number != last:
            raise RuntimeError("not indexed to the end")
    services.database.dispose()
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    status = dict(line.split(":", 1) for line in lines)
    left.write_text(str(int(status["VmHWM"].split()[0]) / 1024), "utf-8")


def edge_of(services: Services, url: str) -> Edge:
    chain = replace(services.settings.chain, finality_depth=0)
    return Edge(
        database=services.database,
        clock=services.clock,
        client=client_of(url),
        signer=services.signer,
        addresses=ADDRESSES,
        first_block=FIRST,
        chain=chain,
        artefacts=services.settings.kept.artefacts,
    )


def fence_of(services: Services) -> Fence:
    with services.database.transaction() as session:
        fence = acquire(session, "indexer", "bench", 3600)
    if fence is None:
        raise RuntimeError("somebody else indexes")
    return fence


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))

"""However many logs there are, a reading and a step hold so many: `make deep` shows it with a
million, here it is with a few and small readings."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from app.chain.indexing import finals, reading
from app.chain.indexing.indexer import follow, start_cursors
from app.chain.indexing.reading import Span
from app.chain.models import ChainCursor
from app.reporting.projecting import PROJECTIONS
from app.services import Services
from load.indexing import edge_of, fence_of
from tests.support.long_chain import GAS_OF_A_CREDIT, long_chain

BLOCKS, CREDITS = 40, 20
ADDRESS = 500  # bytes: people's addresses are remembered, up to a number; a log takes much more


@pytest.mark.deep
def test_memory_does_not_grow_with_the_chain(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "GAS_AT_ONCE", 4 * CREDITS * GAS_OF_A_CREDIT)
    monkeypatch.setattr(finals, "LOGS", 4 * CREDITS)
    with long_chain(1 + BLOCKS, CREDITS) as url:
        edge, fence, span = edge_of(services, url), fence_of(services), Span(8, 8)
        start_cursors(edge, fence)

        def peak(last: int) -> int:
            """Bytes at most, up to that block; what is only waiting to be collected aside."""
            gc.collect()
            tracemalloc.reset_peak()
            while follow(edge, fence, span, last):
                while finals.finalise(edge, fence, PROJECTIONS, last) is not None:
                    pass
            with services.database.session() as session:
                assert session.get_one(ChainCursor, "final").number == last
            return tracemalloc.get_traced_memory()[1]

        tracemalloc.start()
        try:
            peak(1 + BLOCKS // 5)  # what is kept for ever (statements, people) is there by then
            few, many = peak(1 + 2 * BLOCKS // 5), peak(1 + BLOCKS)
        finally:
            tracemalloc.stop()
    assert many - few < ADDRESS * CREDITS * 3 * BLOCKS // 5


def test_one_step_makes_no_more_blocks_final_than_its_bound(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finals, "STEP", 3)
    with long_chain(1 + 2 * 3, 1) as url:
        edge, fence = edge_of(services, url), fence_of(services)
        start_cursors(edge, fence)
        while follow(edge, fence, Span(100, 100), 1 + 2 * 3):
            pass
        ends = []
        while finals.finalise(edge, fence, PROJECTIONS, 1 + 2 * 3) is not None:
            with services.database.session() as session:
                ends.append(session.get_one(ChainCursor, "final").number)
    assert ends == [3, 6, 7]

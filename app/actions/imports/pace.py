"""How millions of rows are worked without waiting: for the next ones, or for the collector."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_TURN_SECONDS = 0.0005


@contextmanager
def made_ahead(items: Iterator[T]) -> Iterator[Iterator[T]]:
    """The next item is made in a thread while the present one is worked with.

    One item ahead, never more, so memory stays flat. What making one raises is raised here.

    The thread has ended when the block ends, so that it reads from nothing that was closed.
    Who works with an item mostly waits for the database and gets its turn back soon.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_SECONDS)
    try:
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as pool:
            yield _given(pool, items)
    finally:
        sys.setswitchinterval(before)


def _given(pool: ThreadPoolExecutor, items: Iterator[T]) -> Iterator[T]:
    following: Future[T | None] = pool.submit(next, items, None)
    while (item := following.result()) is not None:
        following = pool.submit(next, items, None)
        yield item


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Rows come and go without cycles: the collector would look at each of them for nothing."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)

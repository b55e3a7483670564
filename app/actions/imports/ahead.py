"""The next item is made in a thread of its own while the present one is worked with."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def made_ahead(items: Iterator[T]) -> Iterator[Iterator[T]]:
    """One item ahead, never more, so memory stays flat. What making one raises is raised here.

    The thread has ended when the block ends, so that it reads from nothing that was closed.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as pool:
        yield _given(pool, items)


def _given(pool: ThreadPoolExecutor, items: Iterator[T]) -> Iterator[T]:
    following: Future[T | None] = pool.submit(next, items, None)
    while (item := following.result()) is not None:
        following = pool.submit(next, items, None)
        yield item

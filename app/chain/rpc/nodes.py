"""Which of several nodes is asked: one as long as it answers, then the next.

A node that failed is left alone for a while, longer each time and never to the second as long as
another's, so that many processes don't come back all at once. Afterwards it comes last: it may fail
at one kind of question and answer all others. One that lags is asked only when no other answers.
Whether a node is on our chain is asked before anything else, again after each failure, and every
minute: a URL can lead elsewhere.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

FIRST_REST, LONGEST_REST = 0.5, 30.0  # seconds
CHECKED_EVERY = 60.0  # seconds

Monotonic = Callable[[], float]


@dataclass
class Node:
    """`failures` in a row; asked again from `again_at` on; on our chain as of `checked_at`;
    `lags` as the watch says."""

    url: str
    failures: int = 0
    again_at: float = 0.0
    checked_at: float | None = None
    lags: bool = False

    @property
    def label(self) -> str:
        """Host and port; a URL may hold a password."""
        parts = urlsplit(self.url)
        return f"{parts.hostname or '?'}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


class Nodes:
    """The one in use comes first. Not shared between threads."""

    def __init__(self, urls: Sequence[str], monotonic: Monotonic = time.monotonic) -> None:
        self._nodes = [Node(url) for url in urls]
        self._now = monotonic
        self._pinned: Node | None = None

    @property
    def current(self) -> Node | None:
        return self._pinned or (self._nodes[0] if self._nodes else None)

    def to_ask(self) -> Iterator[Node]:
        """In order, those that lag last. Those that rest only when all do: then the one whose
        rest ends first."""
        if self._pinned is not None:
            yield self._pinned
            return
        awake = [node for node in self._nodes if node.again_at <= self._now()]
        awake.sort(key=lambda node: node.lags)
        chosen = awake or sorted(self._nodes, key=lambda node: node.again_at)[:1]
        for node in chosen:
            self._nodes.remove(node)
            self._nodes.insert(0, node)
            yield node

    @contextmanager
    def pinned(self) -> Iterator[None]:
        """Within, only one node is asked: what it said first is still what it says at the end."""
        before = self._pinned
        self._pinned = next(self.to_ask(), None)
        try:
            yield
        finally:
            self._pinned = before

    def leave(self, lagging: Collection[str]) -> str | None:
        """These URLs lag, all others don't; the label of the one in use, when it lags from now."""
        used = self.current
        newly = used is not None and used.url in lagging and not used.lags
        for node in self._nodes:
            node.lags = node.url in lagging
        return used.label if used is not None and newly else None

    def is_due(self, node: Node) -> bool:
        """Whether it must be asked again which chain it is on."""
        return node.checked_at is None or self._now() - node.checked_at >= CHECKED_EVERY

    def checked(self, node: Node) -> None:
        node.checked_at = self._now()

    def answered(self, node: Node) -> None:
        node.failures, node.again_at = 0, 0.0

    def failed(self, node: Node) -> None:
        """It rests and comes last; and whatever answers there next must say who it is."""
        self._nodes.sort(key=lambda one: one is node)
        node.failures, node.checked_at = node.failures + 1, None
        rest = min(FIRST_REST * 2 ** min(node.failures - 1, 10), LONGEST_REST)
        node.again_at = self._now() + rest * (0.5 + random.random() / 2)  # noqa: S311 - no secret


def labelled(urls: Sequence[str]) -> dict[str, str]:
    """URL by label; what shares host and port is numbered."""
    found: dict[str, str] = {}
    for url in urls:
        label = Node(url).label
        same = sum(one.partition(" #")[0] == label for one in found)
        found[f"{label} #{same + 1}" if same else label] = url
    return found

"""What trees are made of: sums, nodes, cells, and how a tree is built and climbed.

Levels are built bottom up, an odd last node is promoted unchanged; so the count of leaves and an
index fix the shape of a path, and a path of another length is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self, TypeVar

from app.impact.canonical import keccak
from app.impact.entries import METRICS
from app.impact.leaf import (
    Leaf,
    PathRefusedError,
    bytes32,
    bytes_in,
    leaf_hash,
    number_in,
    numbers_in,
    word,
)

SUM_DOMAIN = keccak(b"civis.sum.v1")
CELL_DOMAIN = keccak(b"civis.cell.v1")

N = TypeVar("N")


@dataclass(frozen=True)
class Sums:
    """What lies under a node: actions, reward in cents, metrics in the order of METRICS."""

    actions: int
    reward_cents: int
    metrics: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.metrics) != len(METRICS):
            raise PathRefusedError("malformed", f"{len(self.metrics)} metrics")
        self.words()  # each is a uint128

    def words(self) -> bytes:
        values = (self.actions, self.reward_cents, *self.metrics)
        return b"".join(word(value, 128) for value in values)

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.actions + other.actions,
            self.reward_cents + other.reward_cents,
            tuple(a + b for a, b in zip(self.metrics, other.metrics, strict=True)),
        )


@dataclass(frozen=True)
class Node:
    """A node of a sum tree."""

    hash: bytes
    sums: Sums

    def __post_init__(self) -> None:
        bytes32(self.hash)

    def to_json(self) -> dict[str, Any]:
        return {"hash": "0x" + self.hash.hex(), **sums_to_json(self.sums)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(bytes_in(data, "hash"), sums_from_json(data))


def leaf_node(leaf: bytes, *, reward_cents: int, metrics: tuple[int, ...]) -> Node:
    """A leaf, by its hash, as the lowest node of its cell."""
    for value in (reward_cents, *metrics):
        word(value, 64)
    return Node(leaf, Sums(1, reward_cents, metrics))


def node_of(leaf: Leaf) -> Node:
    """The lowest node of a leaf that is known in full."""
    return leaf_node(leaf_hash(leaf), reward_cents=leaf.reward_cents, metrics=leaf.metrics)


@dataclass(frozen=True, order=True)
class CellKey:
    """Which cell; the order is that of publication. `month` of the deed is yyyymm."""

    action_type: int
    action_type_version: int
    proof_level: int
    month: int
    correction: bool

    def words(self) -> bytes:
        bits = ((self.action_type, 32), (self.action_type_version, 16), (self.proof_level, 8))
        head = b"".join(word(value, size) for value, size in bits)
        return head + word(self.month, 32) + word(int(self.correction), 8)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """From untrusted JSON. Raises PathRefusedError."""
        correction = data.get("correction")
        if not isinstance(correction, bool):
            raise PathRefusedError("malformed", "correction is true or false")
        numbers = ("action_type", "action_type_version", "proof_level", "month")
        return cls(**{key: number_in(data, key) for key in numbers}, correction=correction)


def sum_node(left: Node, right: Node) -> Node:
    """The parent of two nodes. Raises PathRefusedError when a sum leaves uint128."""
    parts = (SUM_DOMAIN, left.hash, left.sums.words(), right.hash, right.sums.words())
    return Node(keccak(b"".join(parts)), left.sums + right.sums)


def cell_hash(key: CellKey, root: bytes) -> bytes:
    """The hash under which a cell enters its period's tree."""
    return keccak(CELL_DOMAIN + key.words() + root)


def sums_to_json(sums: Sums) -> dict[str, Any]:
    """Chain integers as text."""
    return {
        "actions": str(sums.actions),
        "reward_cents": str(sums.reward_cents),
        "metrics": [str(value) for value in sums.metrics],
    }


def sums_from_json(data: Mapping[str, Any]) -> Sums:
    """From untrusted JSON. Raises PathRefusedError."""
    metrics = numbers_in(data, "metrics")
    return Sums(number_in(data, "actions"), number_in(data, "reward_cents"), metrics)


def levels_over(leaves: list[N], join: Callable[[N, N], N]) -> list[list[N]]:
    if not leaves:
        raise ValueError("a tree has at least one leaf")
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        level = [join(a, b) for a, b in zip(below[::2], below[1::2], strict=False)]
        levels.append(level + below[len(level) * 2 :])
    return levels


def siblings_of(levels: list[list[N]], index: int) -> list[N]:
    if not 0 <= index < len(levels[0]):
        raise IndexError(index)
    places = [(level, index >> depth) for depth, level in enumerate(levels[:-1])]
    return [level[place ^ 1] for level, place in places if place ^ 1 < len(level)]


def climb(node: N, index: int, count: int, siblings: Sequence[N], join: Callable[[N, N], N]) -> N:
    if not 0 <= index < count:
        raise PathRefusedError("wrong_depth", f"no leaf {index} among {count}")
    left = list(reversed(siblings))
    while count > 1:
        if index ^ 1 < count:
            if not left:
                raise PathRefusedError("wrong_depth", "too short")
            sibling = left.pop()
            node = join(sibling, node) if index & 1 else join(node, sibling)
        index, count = index >> 1, (count + 1) >> 1
    if left:
        raise PathRefusedError("wrong_depth", "too long")
    return node

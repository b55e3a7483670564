"""Two trees over the same leaves: the batch tree proves "credited", the sum tree "counted".

In the sum tree every node commits to its children's hashes *and* sums, all non-negative and below
2**128. Inner nodes, leaves, roots and cells have domains of their own. The twin is
contracts/src/libraries/ImpactTree.sol; both are held to contracts/test/vectors/trees.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

from app.impact.canonical import keccak
from app.impact.leaf import (
    Leaf,
    PathRefusedError,
    bytes32,
    bytes_in,
    leaf_hash,
    members_in,
    number_in,
    object_in,
    word,
)
from app.impact.nodes import (
    CellKey,
    Node,
    Sums,
    cell_hash,
    climb,
    leaf_node,
    levels_over,
    node_of,
    siblings_of,
    sum_node,
    sums_from_json,
    sums_to_json,
)

__all__ = [
    "BatchTree",
    "CellKey",
    "CellTree",
    "Leaf",
    "Node",
    "PathRefusedError",
    "PeriodTree",
    "SumPath",
    "Sums",
    "cell_hash",
    "leaf_hash",
    "leaf_node",
    "node_of",
    "sum_node",
    "verify_batch_path",
    "verify_sum_path",
]

NODE_DOMAIN = keccak(b"civis.node.v1")
ROOT_DOMAIN = keccak(b"civis.root.v1")
SUM_ROOT_DOMAIN = keccak(b"civis.sumroot.v1")


class BatchTree:
    """The Merkle tree of a batch's leaf hashes, in batch order."""

    def __init__(self, hashes: Sequence[bytes]) -> None:
        """At least one leaf."""
        self._levels = levels_over([bytes32(leaf) for leaf in hashes], _batch_node)

    @property
    def root(self) -> bytes:
        """Commits to the number of leaves as well."""
        return _batch_root(len(self._levels[0]), self._levels[-1][0])

    def path(self, index: int) -> list[bytes]:
        """Siblings of leaf number `index`, bottom up."""
        return siblings_of(self._levels, index)


def verify_batch_path(
    leaf: bytes, *, index: int, count: int, path: Sequence[bytes], root: bytes
) -> None:
    """Leaf number `index` of `count` is under `root`. Raises PathRefusedError if not."""
    siblings = [bytes32(sibling) for sibling in path]
    top = climb(bytes32(leaf), index, count, siblings, _batch_node)
    if _batch_root(count, top) != root:
        raise PathRefusedError("wrong_root")


class CellTree:
    """The Merkle-sum tree of one cell's leaves, sorted by hash."""

    def __init__(self, key: CellKey, leaves: Sequence[Node]) -> None:
        """At least one leaf, none twice (ValueError)."""
        ordered = sorted(leaves, key=lambda node: node.hash)
        if any(a.hash == b.hash for a, b in pairwise(ordered)):
            raise ValueError("a leaf is in a cell twice")
        self.key = key
        self._levels = levels_over(ordered, sum_node)
        self._index = {node.hash: index for index, node in enumerate(ordered)}

    @property
    def root(self) -> bytes:
        return self._levels[-1][0].hash

    @property
    def sums(self) -> Sums:
        return self._levels[-1][0].sums

    def path(self, leaf: bytes) -> tuple[int, list[Node]]:
        """The leaf's index in the cell, and its siblings bottom up. KeyError if absent."""
        index = self._index[leaf]
        return index, siblings_of(self._levels, index)


class PeriodTree:
    """The Merkle-sum tree of a period's cells, in the order of their keys."""

    def __init__(self, cells: Sequence[CellTree]) -> None:
        """No key twice (ValueError); a period may have no cell."""
        self.cells = sorted(cells, key=lambda cell: cell.key)
        if any(a.key == b.key for a, b in pairwise(self.cells)):
            raise ValueError("a cell is in a period twice")
        self._index = {cell.key: index for index, cell in enumerate(self.cells)}
        nodes = [Node(cell_hash(cell.key, cell.root), cell.sums) for cell in self.cells]
        self._levels = levels_over(nodes, sum_node) if nodes else []

    @property
    def sum_root(self) -> bytes:
        top = self._levels[-1][0].hash if self._levels else bytes(32)
        return sum_root_of(len(self.cells), top)

    def path(self, key: CellKey, leaf: bytes) -> SumPath:
        """How a leaf of a cell is counted in the period. KeyError if absent."""
        cell_index = self._index[key]
        cell = self.cells[cell_index]
        leaf_index, leaf_siblings = cell.path(leaf)
        return SumPath(
            cell=key,
            cell_root=cell.root,
            cell_sums=cell.sums,
            leaf_index=leaf_index,
            leaf_siblings=tuple(leaf_siblings),
            cell_index=cell_index,
            cell_count=len(self.cells),
            cell_siblings=tuple(siblings_of(self._levels, cell_index)),
        )


@dataclass(frozen=True)
class SumPath:
    """From a leaf to its published cell, and from the cell to the period's sum root."""

    cell: CellKey
    cell_root: bytes
    cell_sums: Sums
    leaf_index: int
    leaf_siblings: tuple[Node, ...]
    cell_index: int
    cell_count: int
    cell_siblings: tuple[Node, ...]

    def to_json(self) -> dict[str, Any]:
        """For receipts."""
        return {
            "cell": self.cell.to_json()
            | {"root": "0x" + self.cell_root.hex()}
            | sums_to_json(self.cell_sums),
            "leaf_index": self.leaf_index,
            "leaf_siblings": [node.to_json() for node in self.leaf_siblings],
            "cell_index": self.cell_index,
            "cell_count": self.cell_count,
            "cell_siblings": [node.to_json() for node in self.cell_siblings],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Back from `to_json`. Raises PathRefusedError when it can't have come from there."""
        cell = object_in(data, "cell")
        return cls(
            cell=CellKey.from_json(cell),
            cell_root=bytes_in(cell, "root"),
            cell_sums=sums_from_json(cell),
            leaf_index=number_in(data, "leaf_index"),
            leaf_siblings=tuple(map(Node.from_json, members_in(data, "leaf_siblings"))),
            cell_index=number_in(data, "cell_index"),
            cell_count=number_in(data, "cell_count"),
            cell_siblings=tuple(map(Node.from_json, members_in(data, "cell_siblings"))),
        )


def verify_sum_path(leaf: Leaf, path: SumPath, *, sum_root: bytes) -> None:
    """`leaf` is counted in the cell, the cell under `sum_root`. Raises PathRefusedError if not.

    What the chain published of the cell is compared by the caller, with `path.cell_sums`.
    """
    key = path.cell
    shown = (key.action_type, key.action_type_version, key.proof_level, key.month)
    if shown != (leaf.action_type, leaf.action_type_version, leaf.proof_level, leaf.month):
        raise PathRefusedError("wrong_cell")
    count = path.cell_sums.actions
    top = climb(node_of(leaf), path.leaf_index, count, path.leaf_siblings, sum_node)
    if top.sums != path.cell_sums:
        raise PathRefusedError("wrong_sums")
    if top.hash != path.cell_root:
        raise PathRefusedError("wrong_root", "of the cell")
    cell = Node(cell_hash(key, path.cell_root), path.cell_sums)
    period = climb(cell, path.cell_index, path.cell_count, path.cell_siblings, sum_node)
    if sum_root_of(path.cell_count, period.hash) != sum_root:
        raise PathRefusedError("wrong_root", "of the period")


def _batch_node(left: bytes, right: bytes) -> bytes:
    return keccak(NODE_DOMAIN + left + right)


def _batch_root(count: int, top: bytes) -> bytes:
    return keccak(ROOT_DOMAIN + word(count, 32) + top)


def sum_root_of(count: int, top: bytes) -> bytes:
    return keccak(SUM_ROOT_DOMAIN + word(count, 32) + top)

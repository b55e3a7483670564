"""The partner's word for a file: one signature over the Merkle root of its salted rows.

A row's leaf is keccak(domain, salt, row); its salt comes from the file's seed, which only the
partner and, for kept rows, the path keep. Leaves and levels are spooled to a file, so that
memory stays flat: 64 bytes of disk a row. An odd node is promoted unchanged.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from app.actions.imports.rows import BadFileError, canonical
from app.chain.typed import keccak

_LEAF = keccak(b"civis.import.row.v1")
_NODE = keccak(b"civis.import.node.v1")
_ROOT = keccak(b"civis.import.root.v1")
_BUFFER = 4096  # hashes moved at a time


class EmptyTreeError(BadFileError):
    """A file without rows has nothing to sign."""

    def __init__(self) -> None:
        super().__init__("file-empty")


def row_salt(seed: bytes, number: int) -> bytes:
    """The salt of row `number`, counted from 1."""
    return hmac.digest(seed, number.to_bytes(8, "big"), "sha256")


def row_leaf(seed: bytes, number: int, values: Sequence[str] | None) -> bytes:
    return leaf_of(row_salt(seed, number), values)


def leaf_of(salt: bytes, values: Sequence[str] | None) -> bytes:
    """What a kept row is checked by: its own salt, never the file's seed."""
    return keccak(_LEAF + salt + canonical(values))


def seal_root(count: int, top: bytes) -> bytes:
    """The signed root: it binds the number of rows too."""
    return keccak(_ROOT + count.to_bytes(32, "big") + top)


@dataclass(frozen=True)
class RowTree:
    """A spooled tree; `levels` are (offset, count) in hashes, from the leaves to the top."""

    path: Path
    levels: tuple[tuple[int, int], ...]
    root: bytes

    @property
    def count(self) -> int:
        return self.levels[0][1]


def build(path: Path, seed: bytes, rows: Iterable[Sequence[str] | None]) -> RowTree:
    """Writes leaves and levels to `path`. Raises EmptyTreeError."""
    with path.open("w+b") as spool:
        count = 0
        for count, values in enumerate(rows, start=1):
            spool.write(row_leaf(seed, count, values))
        if count == 0:
            raise EmptyTreeError
        levels = levels_of(count)
        for lower, upper in pairwise(levels):
            _write_level(spool, lower, upper)
        top = _read(spool, levels[-1][0], 1)
    return RowTree(path, levels, seal_root(count, top))


def reopen(path: Path, count: int) -> RowTree:
    """The tree of an earlier `build` of `count` rows, after a restart."""
    levels = levels_of(count)
    with path.open("rb") as spool:
        return RowTree(path, levels, seal_root(count, _read(spool, levels[-1][0], 1)))


def levels_of(count: int) -> tuple[tuple[int, int], ...]:
    levels, offset = [(0, count)], count
    while count > 1:
        count = (count + 1) // 2
        levels.append((offset, count))
        offset += count
    return tuple(levels)


def paths(tree: RowTree, numbers: Sequence[int]) -> Iterator[list[bytes]]:
    """For each row number, the sibling hashes from the leaf up; promoted levels have none.

    Of each level it holds what lies between the lowest and the highest number: a chunk's worth.
    """
    if not numbers:
        return
    low, high = min(numbers) - 1, max(numbers) - 1
    spans = []
    with tree.path.open("rb") as spool:
        for depth, (offset, count) in enumerate(tree.levels[:-1]):
            first = low >> depth & ~1
            size = min((high >> depth | 1) + 1, count) - first
            spans.append((first, _read(spool, offset + first, size)))
    for number in numbers:
        yield list(_siblings(number - 1, spans))


def _siblings(index: int, spans: Sequence[tuple[int, bytes]]) -> Iterator[bytes]:
    for first, hashes in spans:
        start = 32 * ((index ^ 1) - first)
        if start < len(hashes):
            yield hashes[start : start + 32]
        index >>= 1


def root_from_path(leaf: bytes, number: int, count: int, siblings: Sequence[bytes]) -> bytes:
    """What the root must be if row `number` of `count` is `leaf`. Raises ValueError."""
    index, node, left = number - 1, leaf, list(siblings)
    if not 0 <= index < count:
        raise ValueError("row number out of range")
    for _, size in levels_of(count)[:-1]:
        if index ^ 1 < size:
            if not left:
                raise ValueError("path too short")
            sibling = left.pop(0)
            node = _node(sibling, node) if index & 1 else _node(node, sibling)
        index //= 2
    if left:
        raise ValueError("path too long")
    return seal_root(count, node)


def _node(left: bytes, right: bytes) -> bytes:
    return keccak(_NODE + left + right)


def _write_level(spool: BinaryIO, lower: tuple[int, int], upper: tuple[int, int]) -> None:
    start, count = lower
    for done in range(0, count, _BUFFER):
        size = min(_BUFFER, count - done)
        hashes = _read(spool, start + done, size)
        pairs = [hashes[i : i + 64] for i in range(0, len(hashes), 64)]
        spool.seek(32 * (upper[0] + done // 2))
        spool.write(b"".join(p if len(p) == 32 else keccak(_NODE + p) for p in pairs))


def _read(spool: BinaryIO, index: int, count: int) -> bytes:
    spool.seek(32 * index)
    return spool.read(32 * count)

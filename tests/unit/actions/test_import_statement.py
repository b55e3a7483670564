"""The partner's tree: every row's path leads to the signed root, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.actions.imports.statement import (
    EmptyTreeError,
    build,
    paths,
    reopen,
    root_from_path,
    row_leaf,
)

SEED = bytes(range(32))


def rows(count: int) -> list[list[str]]:
    return [[f"trip-{n}", "2026-11-23 08:00:00"] for n in range(1, count + 1)]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 9, 31, 33])
def test_every_path_leads_to_the_root(tmp_path: Path, count: int) -> None:
    tree = build(tmp_path / "spool", SEED, rows(count))
    assert reopen(tmp_path / "spool", count) == tree
    for number, path in enumerate(paths(tree, range(1, count + 1)), start=1):
        leaf = row_leaf(SEED, number, rows(count)[number - 1])
        assert root_from_path(leaf, number, count, path) == tree.root
        assert root_from_path(bytes(32), number, count, path) != tree.root


def test_path_of_another_length_or_row_is_refused(tmp_path: Path) -> None:
    tree = build(tmp_path / "spool", SEED, rows(5))
    [path] = paths(tree, [2])
    leaf = row_leaf(SEED, 2, rows(5)[1])
    with pytest.raises(ValueError, match="short"):
        root_from_path(leaf, 2, 5, path[:-1])
    with pytest.raises(ValueError, match="long"):
        root_from_path(leaf, 2, 5, [*path, bytes(32)])
    with pytest.raises(ValueError, match="range"):
        root_from_path(leaf, 6, 5, path)
    assert root_from_path(leaf, 1, 5, path) != tree.root


def test_the_root_binds_the_count_and_the_salt(tmp_path: Path) -> None:
    one = build(tmp_path / "a", SEED, rows(4)).root
    assert one != build(tmp_path / "b", SEED, rows(5)).root
    assert one != build(tmp_path / "c", bytes(32), rows(4)).root


def test_an_empty_file_has_nothing_to_sign(tmp_path: Path) -> None:
    with pytest.raises(EmptyTreeError):
        build(tmp_path / "spool", SEED, [])

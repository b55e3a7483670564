"""The known answers of both trees, shared by Python, Solidity and the browser.

`python -m tests.unit.tree_vectors` writes contracts/test/vectors/trees.json. All values come from
a fixed seed; uint64 and larger are decimal text.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from app.impact.leaf import Leaf, day_number
from app.impact.trees import (
    BatchTree,
    CellKey,
    CellTree,
    PeriodTree,
    leaf_hash,
    node_of,
)

FILE = Path(__file__).parents[2] / "contracts" / "test" / "vectors" / "trees.json"
COUNTS = (1, 2, 3, 5, 8, 13)


def example_leaves(count: int, seed: int = 1) -> list[Leaf]:
    """Leaves of three action types over two months; the first two hold the extreme values."""
    random = Random(seed)  # noqa: S311 - examples, not secrets
    leaves = [_leaf(random, random.choice((0, 5_000, 250_000))) for _ in range(count)]
    if leaves:
        leaves[0] = _leaf(random, 2**64 - 1)
    if count > 1:
        leaves[1] = _leaf(random, 0)
    return leaves


def _leaf(random: Random, value: int) -> Leaf:
    return Leaf(
        salt=random.randbytes(32),
        account="0x" + random.randbytes(20).hex(),
        action_type=random.choice((1, 7, 12)),
        action_type_version=1,
        proof_level=random.choice((3, 4)),
        day=day_number(date(2026, 10, 28)) + random.randrange(8),
        metrics=(*(random.choice((0, value)) for _ in range(5)), value),
        reward_cents=min(value, random.randrange(500)) if value < 2**64 - 1 else value,
        attestation_digest=random.randbytes(32),
    )


def cells_of(leaves: list[Leaf], reversed_leaves: list[Leaf]) -> list[CellTree]:
    """The cells of a period; what was reversed goes into correction cells."""
    groups: dict[CellKey, list[Leaf]] = {}
    for leaf in leaves:
        groups.setdefault(key_of(leaf), []).append(leaf)
    for leaf in reversed_leaves:
        groups.setdefault(key_of(leaf, correction=True), []).append(leaf)
    return [CellTree(key, list(map(node_of, group))) for key, group in groups.items()]


def key_of(leaf: Leaf, *, correction: bool = False) -> CellKey:
    """The cell that counts a leaf."""
    return CellKey(
        leaf.action_type, leaf.action_type_version, leaf.proof_level, leaf.month, correction
    )


def vectors() -> dict[str, Any]:
    """Everything the file holds."""
    leaves = example_leaves(max(COUNTS))
    batches = [_batch(leaves[:count]) for count in COUNTS]
    sums = [_sum(leaves[:count]) for count in COUNTS]
    return {
        "about": "Leaf i of batch and sum n is leaves[i]; paths are bottom up. See ImpactTree.sol.",
        "leaves": [leaf.to_json() | {"hash": _hex(leaf_hash(leaf))} for leaf in leaves],
        "batch": batches[-1],
        "batches": batches,
        "sum": sums[-1],
        "sums": sums,
        "refused": [*_refused_batches(batches[3]), *_refused_sums(sums[-1])],
    }


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _batch(leaves: list[Leaf]) -> dict[str, Any]:
    tree = BatchTree(list(map(leaf_hash, leaves)))
    paths = [[_hex(step) for step in tree.path(index)] for index in range(len(leaves))]
    return {"count": len(leaves), "root": _hex(tree.root), "paths": paths}


def _sum(leaves: list[Leaf]) -> dict[str, Any]:
    period = PeriodTree(cells_of(leaves, leaves[:2]))
    paths = [period.path(key_of(leaf), leaf_hash(leaf)).to_json() for leaf in leaves]
    counted = [leaf_hash(leaf) for leaf in leaves]
    corrections = [
        period.path(key_of(leaf, correction=True), leaf_hash(leaf)).to_json() for leaf in leaves[:2]
    ]
    cells = {path["cell_index"]: path["cell"] for path in [*paths, *corrections]}
    return {
        "count": len(period.cells),
        "leaves": len(counted),
        "root": _hex(period.sum_root),
        "cells": [cells[index] for index in range(len(period.cells))],
        "paths": paths,
        "correction_paths": corrections,
    }


def _refused_batches(batch: dict[str, Any]) -> list[dict[str, Any]]:
    """Leaf 0 of 5 under a path, index, count or root that isn't its own."""
    path, other, count = batch["paths"][0], batch["paths"][1], batch["count"]
    right = {"kind": "batch", "leaf": 0, "index": 0, "count": count, "root": batch["root"]}
    return [
        right | {"name": "another leaf's path", "code": "wrong_root", "path": other},
        right | {"name": "another index", "code": "wrong_root", "path": path, "index": 1},
        right | {"name": "index out of count", "code": "wrong_depth", "path": path, "index": 5},
        right | {"name": "another count", "code": "wrong_depth", "path": path, "count": 9},
        right
        | {"name": "same depth, another count", "code": "wrong_root", "path": path}
        | {"count": 6},
        right | {"name": "path too short", "code": "wrong_depth", "path": path[:-1]},
        right | {"name": "path too long", "code": "wrong_depth", "path": [*path, path[0]]},
        right
        | {"name": "another root", "code": "wrong_root", "path": path}
        | {"root": "0x" + "11" * 32},
    ]


def _refused_sums(sums: dict[str, Any]) -> list[dict[str, Any]]:
    """The last leaf whose cell has several leaves, under sums that aren't its own."""
    found = [leaf for leaf, path in enumerate(sums["paths"]) if path["leaf_siblings"]]
    leaf = found[-1]
    path = sums["paths"][leaf]
    right = {"kind": "sum", "leaf": leaf, "root": sums["root"], "path": path}
    sibling = path["leaf_siblings"][0]
    inflated = sibling | {"reward_cents": str(int(sibling["reward_cents"]) + 1)}
    stranger = sibling | {"hash": "0x" + "11" * 32}
    overflow = sibling | {"reward_cents": str(2**128 - 1)}
    too_large = sibling | {"reward_cents": str(2**128)}
    steps = path["leaf_siblings"][1:]
    higher = path["cell"] | {"reward_cents": str(int(path["cell"]["reward_cents"]) + 1)}
    cases = [
        ("a sibling's sum raised", "wrong_sums", {"leaf_siblings": [inflated, *steps]}),
        ("sum raised in sibling and cell", "wrong_root",
         {"leaf_siblings": [inflated, *steps], "cell": higher}),
        ("a sibling's hash changed", "wrong_root", {"leaf_siblings": [stranger, *steps]}),
        ("sum beyond uint128", "out_of_range", {"leaf_siblings": [too_large, *steps]}),
        ("sums overflow uint128", "out_of_range", {"leaf_siblings": [overflow, *steps]}),
        ("path too short", "wrong_depth", {"leaf_siblings": steps}),
        ("path too long", "wrong_depth", {"leaf_siblings": [sibling, sibling, *steps]}),
        ("cell count changed", "wrong_depth", {"cell_count": 99}),
    ]  # fmt: skip
    return [
        right | {"name": name, "code": code, "path": path | change} for name, code, change in cases
    ]


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(vectors(), indent=1) + "\n", encoding="utf-8")

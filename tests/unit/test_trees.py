"""Both trees: known answers, random leaves, and whatever must be refused."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak

from app.impact.leaf import PathRefusedError, hex_bytes
from app.impact.trees import (
    BatchTree,
    CellTree,
    Leaf,
    Node,
    PeriodTree,
    SumPath,
    Sums,
    cell_hash,
    leaf_hash,
    leaf_node,
    node_of,
    sum_node,
    verify_batch_path,
    verify_sum_path,
)
from tests.unit.tree_vectors import FILE, cells_of, example_leaves, key_of, vectors

SEEDS = range(12)


def test_the_vectors_are_what_this_code_gives() -> None:
    assert json.loads(FILE.read_text(encoding="utf-8")) == vectors()


@pytest.mark.parametrize("case", vectors()["refused"], ids=lambda case: str(case["name"]))
def test_what_the_vectors_refuse_is_refused(case: dict[str, Any]) -> None:
    leaf = Leaf.from_json(vectors()["leaves"][case["leaf"]])
    with pytest.raises(PathRefusedError) as refused:
        _verify(case, leaf)
    assert refused.value.code == case["code"]


def _verify(case: dict[str, Any], leaf: Leaf) -> None:
    root = hex_bytes(case["root"])
    if case["kind"] == "sum":
        verify_sum_path(leaf, SumPath.from_json(case["path"]), sum_root=root)
    else:
        path = list(map(hex_bytes, case["path"]))
        verify_batch_path(
            leaf_hash(leaf), index=case["index"], count=case["count"], path=path, root=root
        )


def test_a_leaf_is_encoded_as_solidity_does() -> None:
    types = "bytes32,bytes32,address,uint32,uint16,uint8,uint32,uint64[6],uint64,bytes32"
    for leaf in example_leaves(5):
        values = leaf.to_json()
        data = encode(
            types.split(","),
            [
                *(keccak(b"civis.leaf.v1"), leaf.salt, leaf.account),
                *list(values.values())[2:6],
                *(leaf.metrics, leaf.reward_cents, leaf.attestation_digest),
            ],
        )
        assert leaf_hash(leaf) == keccak(data)


def test_a_sum_node_and_a_cell_are_encoded_as_solidity_does() -> None:
    left, right = map(node_of, example_leaves(2))
    side = ["bytes32", "uint128", "uint128", "uint128[6]"]
    values = [
        part
        for node in (left, right)
        for part in (node.hash, node.sums.actions, node.sums.reward_cents, node.sums.metrics)
    ]
    data = encode(["bytes32", *side, *side], [keccak(b"civis.sum.v1"), *values])
    assert sum_node(left, right).hash == keccak(data)
    key = key_of(example_leaves(1)[0], correction=True)
    types = ["bytes32", "uint32", "uint16", "uint8", "uint32", "bool", "bytes32"]
    numbers = [key.action_type, key.action_type_version, key.proof_level, key.month]
    data = encode(types, [keccak(b"civis.cell.v1"), *numbers, True, left.hash])
    assert cell_hash(key, left.hash) == keccak(data)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_leaf_of_a_batch_has_its_path_and_no_other(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - examples, not secrets
    count = random.randrange(1, 70)
    hashes = [random.randbytes(32) for _ in range(count)]
    tree = BatchTree(hashes)
    for index, leaf in enumerate(hashes):
        path = tree.path(index)
        verify_batch_path(leaf, index=index, count=count, path=path, root=tree.root)
        if path:
            place, bit = random.randrange(len(path)), 1 << random.randrange(8)
            bad = [*path]
            bad[place] = bytes([path[place][0] ^ bit]) + path[place][1:]
            _refuses(leaf, index=index, count=count, path=bad, root=tree.root)
        _refuses(random.randbytes(32), index=index, count=count, path=path, root=tree.root)
        _refuses(leaf, index=index, count=count + 1, path=path, root=tree.root)
        _refuses(leaf, index=count, count=count, path=path, root=tree.root)
        _refuses(leaf, index=index, count=count, path=[*path, leaf], root=tree.root)


def _refuses(leaf: bytes, **proof: Any) -> None:
    with pytest.raises(PathRefusedError):
        verify_batch_path(leaf, **proof)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_leaf_is_counted_once_and_the_cells_are_the_sums(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - examples, not secrets
    leaves = example_leaves(random.randrange(1, 60), seed)
    period = PeriodTree(cells_of(leaves, leaves[: random.randrange(4)]))
    for leaf in leaves:
        path = period.path(key_of(leaf), leaf_hash(leaf))
        verify_sum_path(leaf, SumPath.from_json(path.to_json()), sum_root=period.sum_root)
        with pytest.raises(PathRefusedError):
            verify_sum_path(replace(leaf, reward_cents=1), path, sum_root=period.sum_root)
    counted = [cell.sums for cell in period.cells if not cell.key.correction]
    assert sum(sums.actions for sums in counted) == len(leaves)
    assert sum(sums.reward_cents for sums in counted) == sum(leaf.reward_cents for leaf in leaves)


def test_a_node_that_claims_more_than_its_children_breaks_every_path_under_it() -> None:
    leaf = example_leaves(1)[0]
    leaves = [replace(leaf, salt=bytes([number]) * 32, reward_cents=1) for number in range(4)]
    nodes = sorted(map(node_of, leaves), key=lambda node: node.hash)
    low, high = sum_node(*nodes[:2]), sum_node(*nodes[2:])
    lie = Node(high.hash, high.sums + Sums(0, 100, (0,) * 6))
    top = sum_node(low, lie)
    key = key_of(leaf)
    cell = CellTree(key, nodes)
    honest = PeriodTree([cell]).path(key, nodes[2].hash)
    forged = replace(honest, cell_root=top.hash, cell_sums=top.sums)
    victim = next(leaf for leaf in leaves if leaf_hash(leaf) == nodes[2].hash)
    with pytest.raises(PathRefusedError, match="wrong_sums"):
        verify_sum_path(victim, forged, sum_root=bytes(32))


def test_a_leaf_of_another_cell_is_refused_even_with_its_own_path() -> None:
    leaf = example_leaves(1)[0]
    other = replace(key_of(leaf), proof_level=5)
    period = PeriodTree([CellTree(other, [node_of(leaf)])])
    path = period.path(other, leaf_hash(leaf))
    with pytest.raises(PathRefusedError, match="wrong_cell"):
        verify_sum_path(leaf, path, sum_root=period.sum_root)


def test_what_cannot_be_a_tree_is_refused() -> None:
    node = node_of(example_leaves(1)[0])
    key = key_of(example_leaves(1)[0])
    with pytest.raises(ValueError, match="at least one"):
        BatchTree([])
    with pytest.raises(ValueError, match="twice"):
        CellTree(key, [node, node])
    with pytest.raises(ValueError, match="twice"):
        PeriodTree([CellTree(key, [node]), CellTree(key, [node])])
    assert len(PeriodTree([]).sum_root) == 32


@pytest.mark.parametrize("value", [-1, 2**64, 1.0, True])
def test_numbers_out_of_range_have_no_leaf(value: Any) -> None:
    leaf = example_leaves(1)[0]
    with pytest.raises(PathRefusedError, match="out_of_range"):
        leaf_hash(replace(leaf, reward_cents=value))
    with pytest.raises(PathRefusedError, match="out_of_range"):
        leaf_node(bytes(32), reward_cents=0, metrics=(0, 0, 0, 0, 0, value))


@pytest.mark.parametrize("change", [
    {"salt": "0x00"}, {"salt": "00" * 32}, {"salt": None}, {"account": "0xzz"}, {"account": "0x00"},
    {"metrics": ["1"]}, {"metrics": "123456"}, {"day": -1}, {"day": 1.5}, {"day": "٣"},
    {"reward_cents": "9" * 5000}, {"proof_level": 256},
], ids=str)  # fmt: skip
def test_a_malformed_leaf_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(PathRefusedError):
        leaf_hash(Leaf.from_json(example_leaves(1)[0].to_json() | change))

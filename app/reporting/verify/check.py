"""A receipt's proofs, one finding each: holds, doesn't hold, or nobody was asked.

Offline a receipt can only agree with itself: that the chain holds its roots is asked of a node.
An erased leaf is reported as erased, never as failed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from app.impact.leaf import (
    Leaf,
    PathRefusedError,
    bytes_in,
    hex_bytes,
    leaf_hash,
    number_in,
    object_in,
)
from app.impact.trees import SumPath, verify_batch_path, verify_sum_path
from app.reporting.audit.evidence import Contract, lineage
from app.reporting.audit.node import CannotCheckError, Node

FORMAT = "civis-receipt/1"
HOLDS, FAILS, CANNOT_CHECK = 0, 1, 2


@dataclass(frozen=True)
class Finding:
    """`holds` is None where it was not asked, or nothing is left to ask."""

    what: str
    holds: bool | None
    detail: str = ""


@dataclass(frozen=True)
class Verdict:
    code: int
    findings: tuple[Finding, ...]
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def verify(receipt: Any, rpc: str | None = None, registry: str | None = None) -> Verdict:
    """Everything that can be checked. `registry`: its address, if the receipt isn't believed."""
    if not isinstance(receipt, dict) or receipt.get("format") != FORMAT:
        return Verdict(CANNOT_CHECK, (), f"this is no receipt of the format {FORMAT}")
    findings = [
        _finding("the leaf is made of what the receipt says", _check_leaf, receipt),
        _finding("credited: the leaf is in its batch", _check_credited, receipt),
        _finding("counted: the leaf is in the published sums", _check_counted, receipt),
    ]
    try:
        findings += _on_chain(receipt, rpc, registry)
    except CannotCheckError as error:
        return Verdict(CANNOT_CHECK, tuple(findings), str(error))
    except PathRefusedError as error:
        findings.append(Finding("the chain holds it", holds=False, detail=str(error)))
    failed = any(finding.holds is False for finding in findings)
    return Verdict(FAILS if failed else HOLDS, tuple(findings))


Check = Callable[[Mapping[str, Any]], Finding | None]


def _finding(what: str, check: Check, receipt: Mapping[str, Any]) -> Finding:
    """The check's own finding, or that it holds when it has nothing to say."""
    try:
        return check(receipt) or Finding(what, holds=True)
    except PathRefusedError as error:
        return Finding(what, holds=False, detail=str(error))


def _check_leaf(receipt: Mapping[str, Any]) -> Finding | None:
    if receipt.get("erased") is True:
        return Finding("erased: nobody can say any more whose deed this leaf was", holds=None)
    if leaf_hash(_leaf(receipt)) != bytes_in(receipt, "leaf_hash"):
        raise PathRefusedError("wrong_root", "the leaf has another hash")
    return None


def _leaf(receipt: Mapping[str, Any]) -> Leaf:
    return Leaf.from_json(object_in(receipt, "leaf"))


def _check_credited(receipt: Mapping[str, Any]) -> None:
    credited = object_in(receipt, "credited")
    path = credited.get("path")
    if not isinstance(path, list) or not all(isinstance(one, str) for one in path):
        raise PathRefusedError("malformed", "path is no list of hashes")
    verify_batch_path(
        bytes_in(receipt, "leaf_hash"),
        index=number_in(credited, "index"),
        count=number_in(credited, "count"),
        path=[hex_bytes(one) for one in path],
        root=bytes_in(credited, "root"),
    )


def _check_counted(receipt: Mapping[str, Any]) -> Finding | None:
    if receipt.get("counted") is None:
        return Finding("not counted yet: kept back until five people did the same", holds=None)
    if receipt.get("erased") is True:
        return Finding("counted: not checkable without the leaf", holds=None)
    counted = object_in(receipt, "counted")
    path = _sum_path(counted)
    if path.cell.correction:
        raise PathRefusedError("wrong_cell", "a correction takes back, it doesn't count")
    verify_sum_path(_leaf(receipt), path, sum_root=bytes_in(counted, "sum_root"))
    return None


def _sum_path(counted: Mapping[str, Any]) -> SumPath:
    return SumPath.from_json(object_in(counted, "path"))


def _on_chain(receipt: Mapping[str, Any], rpc: str | None, registry: str | None) -> list[Finding]:
    """What only a node can say. Raises CannotCheckError, PathRefusedError."""
    if rpc is None:
        return [Finding("whether the chain holds these roots: not asked, name a node", holds=None)]
    chain = object_in(receipt, "chain")
    address = registry or str(object_in(chain, "contracts").get("ActionRegistry"))
    credited = object_in(receipt, "credited")
    with Node(rpc) as node:
        if (chain.get("chain_id"), chain.get("genesis_hash")) != (
            node.chain_id(),
            node.genesis_hash(),
        ):
            raise CannotCheckError("the receipt and the node speak of different chains")
        contract = Contract(node, "ActionRegistry", address, node.head())
        root = contract("batchRoot", bytes_in(credited, "batch"))
        same = root == bytes_in(credited, "root")
        found = [Finding(f"the register at {address} holds the batch's root", same)]
        if receipt.get("counted") is not None:
            found.append(_published(node, address, receipt))
        return found


def _published(node: Node, address: str, receipt: Mapping[str, Any]) -> Finding:
    """The sum root, and the cell's numbers, as published in the block that the receipt names."""
    counted = object_in(receipt, "counted")
    block, path = number_in(counted, "block"), _sum_path(counted)
    programme = bytes_in(object_in(receipt, "credited"), "programme")
    names = ("CellPublished", "CellsPublished")
    own = [
        event
        for one in lineage(node, address, node.head())
        for event in Contract(node, "ActionRegistry", one.address, block).events(names, block)
        if event.arguments["programmeId"] == programme
        and event.arguments["period"] == number_in(counted, "period")
    ]
    roots = [e.arguments["sumRoot"] for e in own if e.name == "CellsPublished"]
    cells = [_numbers(e.arguments["cell"]) for e in own if e.name == "CellPublished"]
    sums = path.cell_sums
    shown = (path.cell_root, sums.actions, sums.reward_cents, sums.metrics)
    holds = roots == [bytes_in(counted, "sum_root")] and shown in cells
    return Finding(f"block {block} published these sums", holds)


def _numbers(cell: Mapping[str, Any]) -> tuple[Any, ...]:
    return (cell["root"], cell["actions"], cell["reward"], tuple(cell["metrics"]))


def in_words(verdict: Verdict, of: str = "RECEIPT") -> list[str]:
    """The verdict as lines of plain text."""
    words = {True: "holds  ", False: "FAILS  ", None: "–      "}
    lines = [
        words[finding.holds] + finding.what + (f" ({finding.detail})" if finding.detail else "")
        for finding in verdict.findings
    ]
    ends = (f"{of} HOLDS", f"{of} DOES NOT HOLD", f"Could not check: {verdict.reason}")
    return [*lines, ends[verdict.code]]

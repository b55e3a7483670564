"""Checks on the register itself: that no event is missing, and that its sums are true.

Nothing here knows of the city's website; a finding means that chain and contract disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import encode

from app.impact.canonical import keccak
from app.impact.nodes import CellKey, Node, Sums, cell_hash, levels_over, sum_node
from app.impact.trees import sum_root_of
from app.reporting.audit.corrections import Standing
from app.reporting.audit.evidence import Event, Evidence, ProgrammeState

CELL_TYPE = "(uint32,uint16,uint8,uint32,bool,uint64,uint128,uint128[6],bytes32)"
_KINDS = {"BatchCommitted": 1, "BatchCancelled": 2, "CellsPublished": 3}


@dataclass(frozen=True)
class Check:
    """One question and its answer; `detail` says what was compared, `block` what proves it."""

    name: str
    agrees: bool
    detail: str
    block: int | None = None


def counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _deeds(number: int, cents: int) -> str:
    return f"{counted(number, 'deed')} and {counted(cents, 'cent')}"


@dataclass
class _Sums:
    batches: int = 0
    actions: int = 0
    reward: int = 0
    published_actions: int = 0
    published_reward: int = 0
    corrected_actions: int = 0
    corrected_reward: int = 0


@dataclass
class _Walk:
    """What one pass over the events accumulates."""

    running: bytes = bytes(32)
    batches: int = 0
    cells: list[Mapping[str, Any]] = field(default_factory=list)
    sums: dict[bytes, _Sums] = field(default_factory=dict)
    standing: Standing = field(default_factory=Standing)
    checks: list[Check] = field(default_factory=list)

    def of(self, event: Event) -> _Sums:
        return self.sums.setdefault(event.arguments["programmeId"], _Sums())


def check_register(evidence: Evidence) -> list[Check]:
    """Running hash, batch count, sum roots, kept-back identity and solvency."""
    walk = _Walk()
    for event in evidence.events:
        _STEPS[event.name](walk, event)
    complete = walk.running == evidence.running_hash
    walk.checks.append(
        Check(
            "running hash over all batches, cancellations and cells",
            complete,
            f"0x{walk.running.hex()[:16]}… against 0x{evidence.running_hash.hex()[:16]}…",
            evidence.block,
        )
    )
    walk.checks.append(
        _same("number of batches", walk.batches, evidence.batch_count, evidence.block)
    )
    for programme in evidence.programmes:
        walk.checks += _totals(walk, programme, evidence)
        walk.checks += _solvency(programme, evidence.block)
    return walk.checks


def _chain(walk: _Walk, event: Event, payload: bytes) -> None:
    kind = _KINDS[event.name]
    types = ["bytes32", "uint8", "bytes32"]
    walk.running = keccak(encode(types, [walk.running, kind, keccak(payload)]))


def _batch(walk: _Walk, event: Event) -> None:
    names = ("batchId", "programmeId", "sequence", "root", "actionCount", "reward", "accounts")
    types = ["bytes32", "bytes32", "uint256", "bytes32", "uint32", "uint256", "uint256"]
    _chain(walk, event, encode(types, [event.arguments[name] for name in names]))
    sums = walk.of(event)
    sums.batches += 1
    sums.actions += event.arguments["actionCount"]
    sums.reward += event.arguments["reward"]
    walk.batches += 1


def _cancellation(walk: _Walk, event: Event) -> None:
    _chain(walk, event, encode(["bytes32"], [event.arguments["batchId"]]))


def _cell(walk: _Walk, event: Event) -> None:
    cell, sums = event.arguments["cell"], walk.of(event)
    walk.cells.append(cell)
    walk.standing.add(event.arguments["programmeId"], cell, event.block)
    if cell["correction"]:
        sums.corrected_actions += cell["actions"]
        sums.corrected_reward += cell["reward"]
    else:
        sums.published_actions += cell["actions"]
        sums.published_reward += cell["reward"]


def _publication(walk: _Walk, event: Event) -> None:
    found = event.arguments
    content = keccak(encode([f"{CELL_TYPE}[]"], [[tuple(cell.values()) for cell in walk.cells]]))
    types = ["bytes32", "uint32", "bytes32", "bytes32", "uint64", "uint128"]
    values = [found["programmeId"], found["period"], found["sumRoot"], content]
    kept = [found["keptBackActions"], found["keptBackReward"]]
    _chain(walk, event, encode(types, [*values, *kept]))
    recomputed = sum_root(walk.cells)
    walk.checks.append(
        Check(
            f"sum root of period {found['period']}",
            recomputed == found["sumRoot"] and len(walk.cells) == found["cells"],
            counted(len(walk.cells), "cell"),
            event.block,
        )
    )
    sums = walk.of(event)
    identity = (sums.published_actions + kept[0], sums.published_reward + kept[1])
    detail = f"{_deeds(*identity)} against {_deeds(sums.actions, sums.reward)}"
    walk.checks.append(
        Check(
            f"published + kept back = batches, at period {found['period']}",
            identity == (sums.actions, sums.reward),
            detail,
            event.block,
        )
    )
    walk.cells = []


def _hand_over(walk: _Walk, event: Event) -> None:
    """Both sides say with which count and hash; what comes after goes on from there."""
    said = event.arguments
    agrees = (said["batchCount"], said["runningHash"]) == (walk.batches, walk.running)
    side = "handed over by one registry" if event.name == "HandedOver" else "taken over by the next"
    batches = "1 batch" if said["batchCount"] == 1 else f"{said['batchCount']} batches"
    detail = f"{batches}, 0x{said['runningHash'].hex()[:16]}…"
    walk.checks.append(Check(f"count and running hash {side}", agrees, detail, event.block))


_STEPS = {
    "HandedOver": _hand_over,
    "TookOver": _hand_over,
    "BatchCommitted": _batch,
    "BatchCancelled": _cancellation,
    "CellPublished": _cell,
    "CellsPublished": _publication,
}


def sum_root(cells: list[Mapping[str, Any]]) -> bytes:
    """The sum root over cells as published, each entering by its own root and sums."""
    nodes = []
    for cell in cells:
        key = CellKey(
            cell["actionTypeId"], cell["actionTypeVersion"], cell["proofLevel"], cell["month"],
            cell["correction"],
        )  # fmt: skip
        sums = Sums(cell["actions"], cell["reward"], tuple(cell["metrics"]))
        nodes.append(Node(cell_hash(key, cell["root"]), sums))
    top = levels_over(nodes, sum_node)[-1][0].hash if nodes else bytes(32)
    return sum_root_of(len(nodes), top)


def _same(name: str, left: int, right: int, block: int) -> Check:
    return Check(name, left == right, f"{left} against {right}", block)


def _totals(walk: _Walk, programme: ProgrammeState, evidence: Evidence) -> list[Check]:
    sums = walk.sums.get(programme.id, _Sums())
    kept = evidence.totals[programme.id]
    label = f"programme 0x{programme.id.hex()[:8]}"
    found, block = walk.standing.too_much.get(programme.id, ("none does", evidence.block))
    return [
        _same(f"{label}: actions in batches", sums.actions, kept["actions"], evidence.block),
        _same(f"{label}: minted by batches", sums.reward, programme.minted, evidence.block),
        _same(f"{label}: actions taken back", sums.corrected_actions, kept["correctedActions"],
              evidence.block),
        _same(f"{label}: reward taken back", sums.corrected_reward, kept["correctedReward"],
              evidence.block),
        Check(f"{label}: no correction takes back more than stands published under its key",
              programme.id not in walk.standing.too_much, found, block),
    ]  # fmt: skip


def _solvency(programme: ProgrammeState, block: int) -> list[Check]:
    label = f"programme 0x{programme.id.hex()[:8]}"
    used = programme.token_supply + programme.paid_out + programme.expired + programme.given_back
    return [
        _same(f"{label}: minted = outstanding + paid out + expired + given back",
              programme.minted, used, block),
        _same(f"{label}: funded = confirmed by two treasurers",
              programme.funded, programme.funding_confirmed, block),
        Check(f"{label}: minted + returned never above funded",
              programme.minted + programme.returned - programme.givenback_and_expired
              <= programme.funded, f"{programme.minted} of {programme.funded}", block),
    ]  # fmt: skip

"""An archive of public figures: the chain's recorded answers, and what the city says beside them.

It is read without any server. By itself it shows that its parts agree: each figure follows from
cells, cells and batches from the running hash, money from its signatures, rule sets from their
hashes. That the recorded answers are the chain's is shown by a node of the chain.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.impact.canonical import hash_json
from app.reporting.audit.evidence import (
    Contract,
    Event,
    Evidence,
    Places,
    lineage,
    registry_events,
)
from app.reporting.audit.node import Answers, CannotCheckError, RefusedError
from app.reporting.audit.register import Check, counted

FORMAT = "civis-archive/1"
ANSWERS, FIGURES, PROGRAMMES, SUMS = "chain.json", "figures.json", "programmes.json", "SHA256SUMS"
Transfer = tuple[str, str, str, int]  # event, programme, hash of the reference, cents
ENDED = ("closed", "archived")
MONEY = ("FundingConfirmed", "ReturnConfirmed")


@dataclass
class Archive(Answers):
    """`answers` by question; `fingerprint` names all of it, as the SHA-256 of its SHA256SUMS."""

    answers: dict[str, Any]
    figures: Any
    programmes: Any
    fingerprint: str

    @classmethod
    def read(cls, folder: Path) -> Archive:
        """Raises CannotCheckError for a folder that is no whole archive."""
        try:
            sums = (folder / SUMS).read_bytes()
            content = {name: _checked(folder, name, line) for name, line in _lines(sums)}
            stored = json.loads(content[ANSWERS])
            if stored["format"] != FORMAT:
                raise CannotCheckError(f"{folder} is an archive of another format than {FORMAT}")
            answers = {
                question(method, *params): found for method, params, found in stored["asked"]
            }
            return cls(
                answers=answers,
                figures=json.loads(content[FIGURES]),
                programmes=json.loads(content[PROGRAMMES])["programmes"],
                fingerprint=hashlib.sha256(sums).hexdigest(),
            )
        except OSError as error:
            name = Path(error.filename).name
            why = "is missing" if isinstance(error, FileNotFoundError) else "can't be read"
            raise CannotCheckError(f"{folder} is no whole archive: {name} {why}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise CannotCheckError(f"{folder} is no archive of {FORMAT}") from error

    def ask(self, method: str, *params: Any) -> Any:
        try:
            return self.answers[question(method, *params)]
        except KeyError as error:
            raise RefusedError(f"the archive holds no answer to {method}") from error


def question(method: str, *params: Any) -> str:
    return json.dumps([method, list(params)], sort_keys=True)


def _lines(sums: bytes) -> list[tuple[str, str]]:
    """(name, SHA-256) of each file."""
    pairs = [line.partition("  ") for line in sums.decode("ascii").splitlines()]
    return [(name, digest) for digest, _, name in pairs]


def _checked(folder: Path, name: str, digest: str) -> bytes:
    content = (folder / Path(name).name).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise CannotCheckError(f"{name} is not the file that {SUMS} names")
    return content


def check_records(archive: Archive, places: Places, block: int) -> list[Check]:
    """Rule sets and money, as the archive tells them, against the chain's events."""
    rules, money = _changes(archive, places, block)
    announced = {(_hex(one["programmeId"]), one["version"]): _hex(one["ruleSetHash"])
                 for one in (event.arguments for event in rules)}  # fmt: skip
    told = {
        (row["id"], each["version"]): "0x" + hash_json(each["rules"]).hex()
        for row in archive.programmes
        for each in row["rule_sets"]
    }
    ended = {row["id"] for row in archive.programmes if row["state"] in ENDED}
    same = all(told.get(key) == value for key, value in announced.items())
    # Of a season that goes on, a version may be on its way to the chain.
    same = same and all(key in announced for key in told if key[0] in ended)
    paid, confirmed = sorted(_transfers(archive.programmes)), sorted(map(_transfer, money))
    return [
        Check("rule sets of the archive hash to what the chain holds", same,
              f"{counted(len(announced), 'version')} on the chain, {len(told)} in the archive",
              block),
        Check("transfers of money in the archive are those that two treasurers confirmed",
              paid == confirmed, f"{len(paid)} against {len(confirmed)}", block),
    ]  # fmt: skip


def _changes(
    node: Answers, places: Places, block: int
) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """Rule sets and money, as events."""
    contract = Contract(node, "Programmes", places.programmes, block)
    rules = contract.events(("RuleSetChanged",), places.first_block)
    return rules, contract.events(MONEY, places.first_block)


def _transfer(event: Event) -> Transfer:
    said = event.arguments
    ids = _hex(said["programmeId"]), _hex(said["bankReference"])
    return event.name, *ids, int(said["amount"])


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _transfers(programmes: Any) -> list[Transfer]:
    kinds = (("FundingConfirmed", "fundings"), ("ReturnConfirmed", "returns"))
    return [
        (event, row["id"], each["bank_reference_hash"], int(each["amount_cents"]))
        for row in programmes
        for event, name in kinds
        for each in row[name]
    ]


def check_against(node: Answers, archive: Archive, places: Places, seen: Evidence) -> list[Check]:
    """The same chain, the same last block, the same events up to it. Raises CannotCheckError.

    Calls are made at the node's newest block alone: no node keeps the state of old ones for long,
    the embedded one only since its last start. Headers and logs stay.
    """
    if (node.chain_id(), node.genesis_hash()) != (seen.chain_id, seen.genesis_hash):
        raise CannotCheckError("the archive and the node speak of different chains")
    if node.head() < seen.block:
        raise CannotCheckError("the node is behind the archive")
    known, live = archive.block_hash(seen.block), node.block_hash(seen.block)
    registries = [
        Contract(node, "ActionRegistry", one.address, seen.block)
        for one in lineage(node, places.registry, node.head())
    ]
    events = registry_events(registries, places.first_block)
    changes = _changes(node, places, seen.block)
    same = events == seen.events and changes == _changes(archive, places, seen.block)
    count = len(events) + sum(map(len, changes))
    return [
        Check("the archive's last block is the node's", known == live, live, seen.block),
        Check("the archive's events are the node's", same, counted(count, "event"), seen.block),
    ]

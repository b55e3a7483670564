"""The committed contract artifacts and the wiring of roles: running the system needs no compiler.

Both lie in `contracts/` beside `app/`; where only `app/` is installed, callers pass the folder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CONTRACTS = Path(__file__).resolve().parents[3] / "contracts"

#: Contracts of ours that stand at one address each; a programme's ImpactToken is beside them.
SINGLE = (
    "Programmes", "ActionRegistry", "Attesters", "Payees", "PaymentDesk", "Recovery", "Anchor",
    "Delegation",
)  # fmt: skip

#: Fields of a Deployment by contract.
PLACES = {
    "AccessManager": "access_manager",
    "TimelockController": "timelock",
    "Programmes": "programmes",
    "ActionRegistry": "action_registry",
    "Attesters": "attesters",
    "Payees": "payees",
    "PaymentDesk": "payment_desk",
    "Recovery": "recovery",
    "Anchor": "anchor",
    "Quorum": "quorum",
    "Delegation": "delegation",
}


class ArtifactMissingError(Exception):
    """No such artifact where it was looked for."""


@dataclass(frozen=True)
class Artifact:
    """A compiled contract. `sources`: keccak256 of each source of ours that is in it, by path."""

    name: str
    solc: str
    sources: dict[str, str]
    abi: list[dict[str, Any]]
    bytecode: str


@dataclass(frozen=True)
class Roles:
    """Who may call what.

    `functions[contract][signature]` is a role's name or one of the words that roles.json explains.
    `movers[contract]` is the bit set of what it may do with tokens.
    """

    ids: dict[str, int]
    functions: dict[str, dict[str, str]]
    movers: dict[str, int]

    def restricted(self, contract: str) -> dict[str, str]:
        """Role by signature for what a contract lets only a role do."""
        return {sig: role for sig, role in self.functions[contract].items() if role in self.ids}


@cache
def load_artifact(name: str, folder: Path = CONTRACTS) -> Artifact:
    """Artifact of the contract `name`. Raises ArtifactMissingError."""
    path = folder / "abi" / f"{name}.json"
    try:
        raw = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ArtifactMissingError(
            f"{path} is missing: is contracts/ beside app/, or its folder set?"
        ) from error
    return Artifact(raw["contractName"], raw["solc"], raw["sources"], raw["abi"], raw["bytecode"])


@cache
def load_roles(folder: Path = CONTRACTS) -> Roles:
    """The wiring that Foundry's tests hold the contracts to."""
    raw = json.loads((folder / "roles.json").read_text("utf-8"))
    bits: dict[str, int] = raw["moverKinds"]
    movers = {
        contract: sum(1 << bits[kind] for kind in kinds)
        for contract, kinds in raw["movers"].items()
    }
    return Roles(raw["roles"], raw["functions"], movers)


@cache
def load_errors(folder: Path = CONTRACTS) -> tuple[dict[str, Any], ...]:
    """ABI entries of every custom error of every contract, each once.

    One contract's revert passes through another, so its error is looked up among all.
    """
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for name in (*PLACES, "ImpactToken"):
        for entry in load_artifact(name, folder).abi:
            if entry["type"] == "error":
                key = (entry["name"], *(argument["type"] for argument in entry["inputs"]))
                found.setdefault(key, entry)
    return tuple(found.values())

"""Mutants of contracts, as slither makes them; run by slither's Python in a folder of contracts.

`slithers.py NAME...` prints in JSON, by name, {"mutator", "line", "start", "end", "old", "new"};
offsets are bytes of NAME.sol. Which mutators, and which not: docs/adr/0038.
"""

from __future__ import annotations

import json
import sys
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from slither import Slither
from slither.tools.mutator.mutators import all_mutators

_UNITS: list[Any] = []  # in a process that looks at one contract
MUTATORS = ("CR", "AOR", "BOR", "LIR", "LOR", "MIA", "ROR", "UOR")


def main(names: list[str]) -> None:
    """Each contract by a process of its own: what slither has mutated before would show in the
    next one's list, and the drawn ones would be others."""
    units = Slither(".").compilation_units
    with get_context("fork").Pool(1, _keep, (units,), maxtasksperchild=1) as processes:
        lists = processes.map(_mutants_here, names, chunksize=1)
    json.dump(dict(zip(names, lists, strict=True)), sys.stdout, indent=1)


def _keep(units: list[Any]) -> None:
    _UNITS.extend(units)


def _mutants_here(name: str) -> list[dict[str, Any]]:
    return _mutants(_UNITS, name)


def _mutants(units: list[Any], name: str) -> list[dict[str, Any]]:
    for unit in units:
        for contract in unit.contracts:
            if contract.name == name:
                found = [one for mutator in MUTATORS for one in _patches(mutator, unit, contract)]
                return list({(one["start"], one["end"], one["new"]): one for one in found}.values())
    raise SystemExit(f"There is no contract {name} in src/.")


def _patches(mutator: str, unit: Any, contract: Any) -> list[dict[str, Any]]:
    """Those in the contract's own file that change something."""
    own = Path(contract.source_mapping.filename.absolute)
    maker = getattr(all_mutators, mutator)
    made = maker(unit, 0, "", None, contract, None, False, Path(), [])._mutate()
    source = own.read_bytes()
    listed = [
        {
            "mutator": mutator,
            "line": patch["line_number"],
            **_place(source, patch["start"], patch["end"], patch["old_string"]),
            "old": patch["old_string"],
            "new": patch["new_string"],
        }
        for file, patches in made.get("patches", {}).items()
        if Path(file) == own
        for patch in patches
        if patch["old_string"] != patch["new_string"]
    ]
    return sorted(listed, key=lambda one: (one["start"], one["new"]))


def _place(source: bytes, start: int, end: int, old: str) -> dict[str, int]:
    """Where `old` stands: slither gives a part's place beside the text of the whole statement."""
    whole = old.encode()
    before = max(whole.find(source[start:end]), 0)
    if source[start - before :].startswith(whole):
        start, end = start - before, start - before + len(whole)
    return {"start": start, "end": end}


if __name__ == "__main__":
    main(sys.argv[1:])

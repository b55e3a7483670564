"""Mutants of one contract, as slither makes them; run by slither's Python in a folder of contracts.

`slithers.py NAME` prints a JSON list of {"mutator", "line", "start", "end", "old", "new"};
offsets are bytes of NAME.sol. Which mutators, and which not: docs/adr/0038.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from slither import Slither
from slither.tools.mutator.mutators import all_mutators

MUTATORS = ("CR", "AOR", "BOR", "LIR", "LOR", "MIA", "ROR", "UOR")


def main(name: str) -> None:
    found: list[dict[str, Any]] = []
    for unit in Slither(".").compilation_units:
        contract = next((one for one in unit.contracts if one.name == name), None)
        if contract is None:
            continue
        for mutator in MUTATORS:
            found += _patches(mutator, unit, contract)
        break
    else:
        raise SystemExit(f"There is no contract {name} in src/.")
    json.dump(found, sys.stdout, indent=1)


def _patches(mutator: str, unit: Any, contract: Any) -> list[dict[str, Any]]:
    """Those in the contract's own file that change something."""
    own = Path(contract.source_mapping.filename.absolute)
    maker = getattr(all_mutators, mutator)
    made = maker(unit, 0, "", None, contract, None, False, Path(), [])._mutate()
    listed = [
        patch
        for file, patches in made.get("patches", {}).items()
        if Path(file) == own
        for patch in patches
        if patch["old_string"] != patch["new_string"]
    ]
    return [
        {
            "mutator": mutator,
            "line": patch["line_number"],
            "start": patch["start"],
            "end": patch["end"],
            "old": patch["old_string"],
            "new": patch["new_string"],
        }
        for patch in sorted(listed, key=lambda one: (one["start"], one["new_string"]))
    ]


if __name__ == "__main__":
    main(sys.argv[1])

"""Do the contracts' tests notice a fault? Slither's mutants of each contract against its own tests.

`CONTRACTS=Payees,Anchor` takes some contracts, `MUTANTS=0` all mutants instead of so many of each.
What was tried and what survived stands in build/mutants.json; contracts/README.md says why it may.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from load.place import ROOT
from load.proofs import CONTRACTS, FORGE
from load.result import Result, at_least, beside

PLACE = ROOT / "build" / "mutants"
SLITHER = ROOT / ".venv" / "slither" / "bin" / "python"
EACH = 40
KILLED = 0.9
BUILT = {"out", "cache"}
SEED = 1

# A contract's file and the folders of the tests that are to notice its faults.
TESTS: dict[str, tuple[str, ...]] = {
    "ImpactToken": ("ImpactToken",),
    "ActionRegistry": ("ActionRegistry", "replacement"),
    "RegistrySuccession": ("ActionRegistry", "replacement"),
    "PaymentDesk": ("PaymentDesk",),
    "OrderSignatures": ("PaymentDesk", "replay"),
    "Programmes": ("Programmes", "ImpactToken"),
    "ProgrammeMoney": ("Programmes",),
    "Payees": ("Payees",),
    "Attesters": ("Attesters",),
    "Anchor": ("Anchor",),
    "Recovery": ("Recovery",),
    "AccountBlocks": ("Recovery",),
    "AccountMoves": ("Recovery",),
    "RecoverySignatures": ("Recovery", "replay"),
    "Quorum": ("Quorum",),
    "Delegation": ("Delegation", "administration"),
    "ImpactTree": ("ImpactTree",),
    "Pausing": ("Pausing",),
    "SaltedDomain": ("replay",),
}

Mutant = dict[str, Any]


class Outcome(StrEnum):
    """What became of a mutant; one that doesn't compile is none."""

    KILLED = "killed"
    SURVIVED = "survived"
    NONE = "does not compile"


def measure() -> Iterator[Result]:
    """Nine of ten are noticed. Raises RuntimeError where the tests fail without a mutant."""
    _copy()
    wanted = os.environ.get("CONTRACTS", ",".join(TESTS)).split(",")
    each = int(os.environ.get("MUTANTS", EACH))
    contracts: dict[str, dict[str, Any]] = {}
    for name, mutants in _made(wanted).items():
        chosen = _chosen(mutants, each)
        contracts[name] = {"mutants": len(mutants), **_tried(name, chosen)}
        print(f"  {name}: {contracts[name]['killed']} of {contracts[name]['tried']}", flush=True)
        said = {"seed": SEED, "of_each_at_most": each or None, "contracts": contracts}
        PLACE.with_suffix(".json").write_text(json.dumps(said, indent=1), "utf-8")
    killed, tried, all_made = (
        sum(one[key] for one in contracts.values()) for key in ("killed", "tried", "mutants")
    )
    yield at_least("contracts, mutants killed", killed, tried, "mutants", KILLED)
    yield beside("contracts, mutants tried", tried, "mutants", all_made)


def _copy() -> None:
    """A copy to break, since a run that ends early leaves a mutant behind; what it built stays."""
    PLACE.mkdir(parents=True, exist_ok=True)
    for one in CONTRACTS.iterdir():
        if one.name in BUILT or (one.name == "node_modules" and (PLACE / one.name).exists()):
            continue
        if one.is_dir():
            shutil.rmtree(PLACE / one.name, ignore_errors=True)
            shutil.copytree(one, PLACE / one.name, symlinks=True)
        else:
            shutil.copy2(one, PLACE / one.name)


def _made(names: list[str]) -> dict[str, list[Mutant]]:
    """All of each contract; slither compiles once for all."""
    # -P: what lies beside it is no module of slither's.
    command = [str(SLITHER), "-P", str(ROOT / "load" / "slithers.py"), *names]
    environ = {
        **os.environ,
        "PATH": os.pathsep.join((str(FORGE), os.environ["PATH"])),
        "FOUNDRY_PROFILE": "mutants",
        "FOUNDRY_OUT": "out/slither",
        "FOUNDRY_CACHE_PATH": "cache/slither",
    }
    made = subprocess.run(command, cwd=PLACE, env=environ, check=True, stdout=subprocess.PIPE)
    found: dict[str, list[Mutant]] = json.loads(made.stdout)
    return found


def _chosen(found: list[Mutant], each: int) -> list[Mutant]:
    """The same ones each time, in the order of the source."""
    if each and len(found) > each:
        found = random.Random(SEED).sample(found, each)
    return sorted(found, key=lambda one: (one["start"], one["end"], one["new"]))


def _tried(name: str, mutants: list[Mutant]) -> dict[str, Any]:
    (path,) = (PLACE / "src").rglob(f"{name}.sol")
    original = path.read_bytes()
    _lay_tests(TESTS[name])
    if _outcome() is not Outcome.SURVIVED:
        raise RuntimeError(f"The tests of {name} fail without a mutant")
    outcomes: list[Outcome] = []
    for mutant in mutants:
        start, end, new = mutant["start"], mutant["end"], mutant["new"].encode()
        path.write_bytes(original[:start] + new + original[end:])
        outcomes.append(_outcome())
        if outcomes[-1] is Outcome.SURVIVED:
            print(f"  {name}:{mutant['line']} {mutant['old']!r} -> {mutant['new']!r}", flush=True)
    path.write_bytes(original)
    return {
        "tried": sum(one is not Outcome.NONE for one in outcomes),
        "killed": outcomes.count(Outcome.KILLED),
        "survivors": [
            mutant
            for mutant, outcome in zip(mutants, outcomes, strict=True)
            if outcome is Outcome.SURVIVED
        ],
    }


def _lay_tests(folders: tuple[str, ...]) -> None:
    """Only these, and who may call what, beside what tests share: told of a filter, forge compiles
    everything once more."""

    def others(folder: str, names: list[str]) -> list[str]:
        if Path(folder).name in (*folders, "test"):
            return []
        return [name for name in names if name.endswith(".t.sol")]

    shutil.rmtree(PLACE / "test")
    shutil.copytree(CONTRACTS / "test", PLACE / "test", ignore=others)


def _outcome() -> Outcome:
    """Raises RuntimeError where forge ends without a word on a test."""
    environ = {**os.environ, "FOUNDRY_PROFILE": "mutants"}
    done = subprocess.run(
        [str(FORGE / "forge"), "test", "--fail-fast"],
        cwd=PLACE, env=environ, check=False, capture_output=True, text=True,
    )  # fmt: skip
    said = done.stdout + done.stderr
    if "Compiler run failed" in said:
        return Outcome.NONE
    if "tests passed" not in said and "[FAIL" not in said:
        raise RuntimeError(f"forge ended with {done.returncode}:\n{said[-2000:]}")
    return Outcome.SURVIVED if done.returncode == 0 else Outcome.KILLED

"""Do the contracts' tests notice a fault? Slither's mutants of each contract against its own tests.

`CONTRACTS=Payees,Anchor` takes some contracts, `MUTANTS=0` all mutants instead of so many of each.
What survives stands in build/mutants.json; contracts/README.md says why it may.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from load.place import ROOT
from load.proofs import CONTRACTS, FORGE
from load.result import Result, at_least

PLACE = ROOT / "build" / "mutants"
SLITHER = ROOT / ".venv" / "slither" / "bin" / "python"
EACH = 40
KILLED = 0.9
BUILT = {"out", "cache"}
SEED = 1

# A contract's file and the tests that are to notice its faults.
TESTS = {
    "ImpactToken": "test/ImpactToken/*",
    "ActionRegistry": "test/{ActionRegistry,replacement}/*",
    "RegistrySuccession": "test/{ActionRegistry,replacement}/*",
    "PaymentDesk": "test/PaymentDesk/*",
    "OrderSignatures": "test/{PaymentDesk,replay}/*",
    "Programmes": "test/Programmes/*",
    "ProgrammeMoney": "test/Programmes/*",
    "Payees": "test/Payees/*",
    "Attesters": "test/Attesters/*",
    "Anchor": "test/Anchor/*",
    "Recovery": "test/Recovery/*",
    "AccountBlocks": "test/Recovery/*",
    "AccountMoves": "test/Recovery/*",
    "RecoverySignatures": "test/{Recovery,replay}/*",
    "Quorum": "test/Quorum/*",
    "Delegation": "test/Delegation/*",
    "ImpactTree": "test/ImpactTree/*",
    "Pausing": "test/Pausing/*",
    "SaltedDomain": "test/replay/*",
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
    killed = tested = 0
    survivors: list[Mutant] = []
    for name in wanted:
        outcomes = list(_try(name))
        killed += sum(outcome is Outcome.KILLED for _, outcome in outcomes)
        tested += sum(outcome is not Outcome.NONE for _, outcome in outcomes)
        survivors += [
            {"contract": name, **one} for one, outcome in outcomes if outcome is Outcome.SURVIVED
        ]
        print(f"  {name}: {killed} of {tested} killed so far", flush=True)
        PLACE.with_suffix(".json").write_text(json.dumps(survivors, indent=1), "utf-8")
    yield at_least("contracts, mutants killed", killed, tested, "mutants", KILLED)


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


def _try(name: str) -> Iterator[tuple[Mutant, Outcome]]:
    (path,) = (PLACE / "src").rglob(f"{name}.sol")
    original = path.read_bytes()
    if _outcome(TESTS[name]) is not Outcome.SURVIVED:
        raise RuntimeError(f"{TESTS[name]} fails without a mutant")
    for mutant in _chosen(name):
        start, end, new = mutant["start"], mutant["end"], mutant["new"].encode()
        path.write_bytes(original[:start] + new + original[end:])
        outcome = _outcome(TESTS[name])
        if outcome is Outcome.SURVIVED:
            print(f"  {name}:{mutant['line']} {mutant['old']!r} -> {mutant['new']!r}", flush=True)
        yield mutant, outcome
    path.write_bytes(original)


def _chosen(name: str) -> list[Mutant]:
    """The same ones each time, in the order of the source."""
    # -P: what lies beside it is no module of slither's.
    command = [str(SLITHER), "-P", str(ROOT / "load" / "slithers.py"), name]
    environ = {**os.environ, "PATH": os.pathsep.join((str(FORGE), os.environ["PATH"]))}
    made = subprocess.run(command, cwd=PLACE, env=environ, check=True, stdout=subprocess.PIPE)
    found: list[Mutant] = json.loads(made.stdout)
    each = int(os.environ.get("MUTANTS", EACH)) or len(found)
    if len(found) > each:
        found = random.Random(SEED).sample(found, each)
    return sorted(found, key=lambda one: (one["start"], one["end"], one["new"]))


def _outcome(tests: str) -> Outcome:
    command = [str(FORGE / "forge"), "test", "--fail-fast", "--match-path", tests]
    environ = {**os.environ, "FOUNDRY_PROFILE": "mutants"}
    done = subprocess.run(
        command, cwd=PLACE, env=environ, check=False, capture_output=True, text=True
    )
    if "Compiler run failed" in done.stdout + done.stderr:
        return Outcome.NONE
    return Outcome.SURVIVED if done.returncode == 0 else Outcome.KILLED

"""`make network-test`: the demo's whole first day on four validators, then fault after fault.

Leaves build/network.json. After each fault everything that was accepted is final, each once, and
the audit agrees; otherwise it ends with exit code 1, having written what there was.

    python -m tests.network NUMBER...     only those faults, without the first day
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import text

from app import telemetry
from app.demo.first_day import Day, lived_in, walk
from app.demo.world import World
from app.embedded.supervisor import Stopped, stopping_on_signals
from app.network.chain import CLIQUE
from tests.network.control import Control
from tests.network.crowd import Crowd, check_once, incidents
from tests.network.faults import FAULTS
from tests.network.trial import Trial

OUTCOME = Path("build/network.json")
HALT = 330.0  # seconds: longer than a payment request lives, the longest of the demo's expiries
_FINAL = text("""
    select count(*),
      percentile_cont(0.5) within group (order by extract(epoch from final_at - signed_at)),
      percentile_cont(0.95) within group (order by extract(epoch from final_at - signed_at))
    from chain_transaction where state = 'final'
""")


def main(chosen: list[int]) -> int:
    day, result = Day(print), dict[str, Any]()
    with tempfile.TemporaryDirectory(prefix="civis-net-", ignore_cleanup_errors=True) as folder:
        command = ("network", "run", "--candidates", "1")
        with lived_in(Path(folder) / "home", day, command) as world:
            try:
                _tried(world, day, Path(folder), chosen, result)
            finally:
                OUTCOME.parent.mkdir(parents=True, exist_ok=True)
                OUTCOME.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"Figures of this run: {OUTCOME}")
    return 0 if all(fault["holds"] for fault in result["faults"]) else 1


def _tried(world: World, day: Day, folder: Path, chosen: list[int], into: dict[str, Any]) -> None:
    control = Control.of(world.parts.settings.home)
    into |= _about(control)
    if not chosen:
        into["demo"] = walk(world, day)
    into |= _speed(world, "before")
    crowd = Crowd(world, Random())  # noqa: S311 - a simulation
    halt = float(os.environ.get("HALT", HALT))
    trial = Trial(control, crowd, halt, folder / "copies")
    into["faults"] = []
    for number, (name, fault) in enumerate(FAULTS, 1):
        if not chosen or number in chosen:
            into["faults"].append(_one(trial, name, fault))
    into |= _speed(world, "all") | {"blocks": control.head("rpc-1")}
    into["incidents"] = incidents(world)


def _one(trial: Trial, name: str, fault: Any) -> dict[str, Any]:
    """One fault and what holds after it; the next is tried whatever came of this one."""
    world, begun = trial.crowd.world, time.monotonic()
    before = set(incidents(world))
    outcome: dict[str, Any] = {"fault": name, "holds": True}
    try:
        outcome["outcome"] = fault(trial)
        outcome["each_once"] = check_once(world)
    except Exception as error:  # noqa: BLE001 - whatever it was, it is written down
        outcome |= {"holds": False, "outcome": f"{type(error).__name__}: {error}"}
    outcome["incidents"] = sorted(set(incidents(world)) - before)
    outcome["seconds"] = round(time.monotonic() - begun)
    print(f"  {'holds' if outcome['holds'] else 'FAILS'}  {name}: {outcome['outcome']}")
    return outcome


def _about(control: Control) -> dict[str, Any]:
    return {
        "node": control.ask("rpc-1", "web3_clientVersion"),
        "consensus": "clique",
        "block_seconds": CLIQUE.block_seconds,
        "finality_depth": CLIQUE.finality_depth,
        "validators": len(control.signers()),
        "rpc_nodes": 2,
    }


def _speed(world: World, when: str) -> dict[str, Any]:
    """From the signature to final, of all transactions so far."""
    with world.parts.database.session() as session:
        count, half, most = session.execute(_FINAL).one()
    seconds = {"p50": round(float(half), 2), "p95": round(float(most), 2)}
    return {f"transactions_{when}": count, f"seconds_to_final_{when}": seconds}


if __name__ == "__main__":
    telemetry.configure(level="WARNING", stream=sys.stderr)
    try:
        with stopping_on_signals():
            sys.exit(main([int(number) for number in sys.argv[1:]]))
    except Stopped:
        sys.exit("The trial was interrupted.")

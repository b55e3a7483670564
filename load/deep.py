"""`make deep`: what takes long, into build/deep.json and as a table.

`python -m load.deep journeys` runs some of it. Whatever does not hold ends it with 1.
"""

from __future__ import annotations

import sys

from app.embedded.supervisor import Stopped, stopping_on_signals
from load import contracts, indexing, mutants, proofs, simulating, slow
from load.pieces import Pieces, run
from load.place import ROOT

PIECES: Pieces = {
    "journeys": simulating.measure,
    "logs": indexing.measure_memory,
    "contracts": contracts.measure,
    "proofs": proofs.measure,
    "mutants": mutants.measure,
    "slow": slow.measure,
}


def main(wanted: list[str]) -> None:
    results = run(PIECES, wanted, ROOT / "build" / "deep.json")
    if any(one.holds is False for one in results):
        raise SystemExit(1)


if __name__ == "__main__":
    try:
        with stopping_on_signals():
            main(sys.argv[1:])
    except Stopped:
        sys.exit(130)

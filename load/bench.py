"""`make bench`: every ratio in one run, into build/bench.json and as a table.

`python -m load.bench gas import` runs some of them. A missed target is said, not an error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from app.embedded.supervisor import Stopped, stopping_on_signals
from load import (
    crowd,
    dashboard,
    entering,
    exporting,
    gas,
    importing,
    indexing,
    opening,
    recording,
    rewarding,
    settling,
)
from load.pieces import Pieces, run
from load.place import ROOT, city_place
from load.result import Result

BUILD = ROOT / "build"


def _recording() -> Iterator[Result]:
    with city_place() as place:
        yield from recording.measure(place)


def _dashboard() -> Iterator[Result]:
    with city_place() as place:
        yield from dashboard.measure(place)


def _entering() -> Iterator[Result]:
    with city_place() as place:
        yield from entering.measure(place)


def _opening() -> Iterator[Result]:
    with city_place() as place:
        yield from opening.measure(place)


def _exporting() -> Iterator[Result]:
    with city_place() as place:
        yield from exporting.measure(place)


PIECES: Pieces = {
    "recording": _recording,
    "import": importing.measure,
    "gas": gas.measure,
    "rewards": rewarding.measure,
    "dashboard": _dashboard,
    "entering": _entering,
    "opening": _opening,
    "exporting": _exporting,
    "indexing": indexing.measure,
    "settling": settling.measure,
    "users": lambda: crowd.measure(BUILD),
}


def main(wanted: list[str]) -> None:
    run(PIECES, wanted, BUILD / "bench.json")


if __name__ == "__main__":
    try:
        with stopping_on_signals():
            main(sys.argv[1:])
    except Stopped:
        sys.exit(130)

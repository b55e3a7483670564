"""`make bench`: every ratio in one run, into build/bench.json and as a table.

`python -m load.bench gas import` runs some of them. A missed target is said, not an error.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

from app.embedded.supervisor import Stopped, stopping_on_signals
from load import (
    crowd,
    dashboard,
    entering,
    exporting,
    gas,
    importing,
    opening,
    recording,
    rewarding,
)
from load.place import ROOT, city_place
from load.result import Result, table, write

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


PIECES: dict[str, Callable[[], Iterator[Result]]] = {
    "recording": _recording,
    "import": importing.measure,
    "gas": gas.measure,
    "rewards": rewarding.measure,
    "dashboard": _dashboard,
    "entering": _entering,
    "opening": _opening,
    "exporting": _exporting,
    "users": lambda: crowd.measure(BUILD),
}


def main(wanted: list[str]) -> None:
    unknown = set(wanted) - set(PIECES)
    if unknown:
        raise SystemExit(f"There is no {sorted(unknown)}: choose from {', '.join(PIECES)}.")
    results: list[Result] = []
    for name in wanted or PIECES:
        began = time.monotonic()
        results += PIECES[name]()
        write(results, BUILD / "bench.json")  # what ends early keeps what it has
        print(f"  {name:<10} {time.monotonic() - began:5.1f} s", flush=True)
    print(table(results))
    promised = [one for one in results if one.holds is not None]
    kept = sum(bool(one.holds) for one in promised)
    print(f"{kept} of {len(promised)} targets hold; build/bench.json has the figures.")


if __name__ == "__main__":
    try:
        with stopping_on_signals():
            main(sys.argv[1:])
    except Stopped:
        sys.exit(130)

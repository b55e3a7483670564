"""Some or all pieces of a measurement, one after another, into a file and a table."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from load.result import Result, table, write

Pieces = Mapping[str, Callable[[], Iterator[Result]]]


def run(pieces: Pieces, wanted: list[str], path: Path) -> list[Result]:
    """What ends early keeps what it has."""
    unknown = set(wanted) - set(pieces)
    if unknown:
        raise SystemExit(f"There is no {sorted(unknown)}: choose from {', '.join(pieces)}.")
    results: list[Result] = []
    for name in wanted or pieces:
        began = time.monotonic()
        results += pieces[name]()
        write(results, path)
        print(f"  {name:<10} {time.monotonic() - began:5.1f} s", flush=True)
    print(table(results))
    promised = [one for one in results if one.holds is not None]
    kept = sum(bool(one.holds) for one in promised)
    where = f"{path.parent.name}/{path.name}"
    print(f"{kept} of {len(promised)} targets hold; {where} has the figures.")
    return results

"""Which test runs when, and beside which: `pytest -n 4` has four lanes.

A file's tests stay in one lane, and so does all that shares the demo city.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest
    from xdist.remote import Producer

# The demo city's first, since it takes longest to make; then by what a single test takes.
_FOLDERS = ("browser", "city", "system", "chain", "integration", "web", "rules", "unit")
_WITH_CITY = ("browser", "city")


class Lanes(LoadScopeScheduling):  # type: ignore[misc]
    """The next file, or the city with all its files, goes to the lane that is free."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # in the order of `turn`

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "city" if _folder(file) in _WITH_CITY else file


def turn(item: pytest.Item) -> tuple[int, bool]:
    """A test's place: by its folder; kills come last in theirs.

    Raises:
        ValueError: its folder has no place.
    """
    folder = _folder(item.nodeid)
    return _FOLDERS.index(folder), item.get_closest_marker("kill") is not None


def _folder(path: str) -> str:
    return path.split("/")[1]

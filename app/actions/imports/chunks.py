"""A file's rows some thousands at a time, each with what the rows alone say of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from app.actions.imports.frame import Look, Verdict
from app.actions.imports.intake import look
from app.actions.imports.rows import Row


@dataclass(frozen=True)
class Chunk:
    """Some rows and what a first look at them says."""

    by: Look
    rows: Sequence[tuple[int, Row | None]]
    verdicts: Sequence[Verdict]

    def halves(self) -> Iterator[Chunk]:
        """Both looked at anew, since the verdicts may have been filled in."""
        half = len(self.rows) // 2
        for rows in (self.rows[:half], self.rows[half:]):
            yield Chunk(self.by, rows, look(self.by, rows))


def chunks(by: Look, rows: Iterator[Row | None], done: int, size: int) -> Iterator[Chunk]:
    """All rows after the first `done`, as many at a time as `size` says."""
    numbered = enumerate(rows, start=1)
    for _ in islice(numbered, done):
        pass
    while some := list(islice(numbered, size)):
        yield Chunk(by, some, look(by, some))

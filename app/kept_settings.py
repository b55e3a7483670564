"""What is kept apart from the database, so that its loss or its restore does not take it along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class KeptApart:
    """`artefacts`: what was sent, each batch's actions, bank files. `journal`: what a restored
    backup must not undo. `log_archive`: of the embedded database; none: it keeps none."""

    artefacts: Path
    journal: Path
    log_archive: Path | None

    @classmethod
    def read(cls, path: Callable[[str, Path], Path], home: Path) -> KeptApart:
        """`path` reads a variable, or takes what is given for it."""
        log_archive = path("WAL_ARCHIVE", Path())
        return cls(
            artefacts=path("ARTEFACT_FOLDER", home / "artefacts"),
            journal=path("JOURNAL_FOLDER", home / "journal"),
            log_archive=None if log_archive == Path() else log_archive,
        )

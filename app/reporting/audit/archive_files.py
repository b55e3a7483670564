"""The files of an archive, read whole: whatever is not as the audit reads it is named."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.reporting.audit.node import (
    Answers,
    CannotCheckError,
    RefusedError,
    read_json,
    require,
)
from app.reporting.audit.published import EXPORT, checked_export
from app.reporting.audit.shapes import MayLack, Shape

FORMAT = "civis-archive/1"
ANSWERS, FIGURES, PROGRAMMES, SUMS = "chain.json", "figures.json", "programmes.json", "SHA256SUMS"
TABLE = "figures.csv"
TRANSFERS: Shape = [{"amount_cents": int, "bank_reference_hash": str}]
SEASON: Shape = {
    "id": str, "state": str, "last_day_to_earn": str, "last_day_to_spend": str,
    # Older archives have one last day to spend, both the published and the announced one.
    "published_last_day_to_spend": MayLack(str), "end_announced_at": MayLack((str, None)),
    "closed_at": (str, None), "rule_sets": [{"version": int, "rules": {}}],
    "fundings": TRANSFERS, "returns": TRANSFERS,
}  # fmt: skip
SHAPES: Mapping[str, Shape] = {
    ANSWERS: {"format": str, "asked": [list]},
    FIGURES: EXPORT,
    PROGRAMMES: {"block": int, "programmes": [SEASON]},
}
SUM = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9][\w.-]*)")


@dataclass
class Archive(Answers):
    """`answers` by question; `fingerprint` names all of it, as the SHA-256 of its SHA256SUMS."""

    answers: dict[str, Any]
    figures: Any
    table: bytes
    programmes: Any
    block: int
    fingerprint: str

    name = ANSWERS

    @classmethod
    def read(cls, folder: Path) -> Archive:
        """Raises CannotCheckError for a folder that is no whole archive."""
        try:
            sums = (folder / SUMS).read_bytes()
            content = {name: _checked(folder, name, line) for name, line in _lines(sums)}
        except OSError as error:
            name = Path(error.filename).name
            why = "is missing" if isinstance(error, FileNotFoundError) else "can't be read"
            raise CannotCheckError(f"{folder} is no whole archive: {name} {why}") from error
        stored, figures, records = (_read(name, content[name]) for name in SHAPES)
        if stored["format"] != FORMAT:
            raise CannotCheckError(f"{ANSWERS}: format must be {FORMAT}")
        return cls(
            answers=dict(map(_answer, enumerate(stored["asked"]))),
            figures=checked_export(FIGURES, figures),
            table=content[TABLE],
            programmes=records["programmes"],
            block=records["block"],
            fingerprint=hashlib.sha256(sums).hexdigest(),
        )

    def ask(self, method: str, *params: Any) -> Any:
        try:
            return self.answers[question(method, *params)]
        except KeyError as error:
            raise RefusedError(f"{ANSWERS} holds no answer to {method}") from error


def question(method: str, *params: Any) -> str:
    return json.dumps([method, list(params)], sort_keys=True)


def _read(name: str, content: bytes) -> Any:
    found = read_json(name, content)
    require(name, found, SHAPES[name])
    return found


def _answer(numbered: tuple[int, list[Any]]) -> tuple[str, Any]:
    """By its question."""
    index, asked = numbered
    if len(asked) != 3 or not isinstance(asked[0], str) or not isinstance(asked[1], list):
        what = "must be a list of a method, the list of its parameters, and the answer"
        raise CannotCheckError(f"{ANSWERS}: asked[{index}] {what}")
    method, parameters, answer = asked
    return question(method, *parameters), answer


def _lines(sums: bytes) -> list[tuple[str, str]]:
    """(name, SHA-256) of each file."""
    found = [SUM.fullmatch(line) for line in sums.decode("utf-8", "replace").splitlines()]
    pairs = [(one[2], one[1]) for one in found if one is not None]
    missing = [name for name in (*SHAPES, TABLE) if name not in dict(pairs)]
    if None in found or missing:
        form = "each line must be 64 hexadecimal digits, two spaces and the name of a file"
        lacks = f", and {', '.join(missing)} must be among them" if missing else ""
        raise CannotCheckError(f"{SUMS}: {form}{lacks}")
    return pairs


def _checked(folder: Path, name: str, digest: str) -> bytes:
    content = (folder / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise CannotCheckError(f"{name} is not the file that {SUMS} names")
    return content

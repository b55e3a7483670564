"""A history read row by row: CSV, JSON lines, or the whole JSON of a campaign or a list.

Rows come in the order in which they were counted: at most LATE days behind the newest one, so
that what is over can be forgotten. Whole JSON is small, and sorted by time.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from app.json_depth import TooDeepError, check_depth
from app.rewards.campaigns.faults import CampaignError
from app.rewards.campaigns.reading import any_mapping, entries, merged, no_number, once, read_file
from app.rewards.language.action import Action
from app.rewards.trying.rows import COLUMNS, JOURNEY, PLACES, action, of_columns

LATE = 35  # days
WHOLE_MOST = 64 * 1024**2  # bytes of a JSON that is read whole
LINE_MOST = 64 * 1024
_DEPTH = 16
_JSON = json.JSONDecoder(parse_float=Decimal, parse_constant=no_number, object_pairs_hook=once)
Read = Callable[[int], None]  # told of so many bytes more
Assumed = Mapping[str, Any]


def read(path: Path, told: Read, assumed: Assumed | None = None) -> Iterator[Action]:
    """The actions of a file, in its order. Raises CampaignError with line and column."""
    newest: datetime | None = None
    for found, where in _rows(path, told):
        one = action({**(assumed or {}), **found}, where)
        if newest is not None and one.at < newest - timedelta(days=LATE):
            days = (newest - one.at).days
            raise CampaignError(f"{where}.at", "late", days=days)
        newest = one.at if newest is None else max(newest, one.at)
        yield one


def _rows(path: Path, told: Read) -> Iterator[tuple[dict[str, Any], str]]:
    ways = {".csv": _table, ".jsonl": _lines, ".ndjson": _lines, ".json": _whole}
    way = ways.get(path.suffix.lower())
    if way is None:
        raise CampaignError("the file", "ending", known=ways)
    try:
        yield from way(path, told)
    except OSError as error:
        raise CampaignError("the file", "unreadable", why=error.strerror) from error


@dataclass
class _Reader:
    """Lines of text, each measured before it is looked at."""

    file: BinaryIO
    told: Read
    line: int = 0

    def __iter__(self) -> Iterator[str]:
        while found := self.file.readline(LINE_MOST + 1):
            self.line += 1
            self.told(len(found))
            if len(found) > LINE_MOST:
                raise CampaignError(f"line {self.line}", "line_too_long", most=LINE_MOST)
            try:
                yield found.decode("utf-8-sig" if self.line == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise CampaignError(f"line {self.line}", "no_utf8") from error


def _table(path: Path, told: Read) -> Iterator[tuple[dict[str, Any], str]]:
    with path.open("rb") as file:
        lines = _Reader(file, told)
        first = next(iter(lines), "")
        mark = ";" if first.count(";") > first.count(",") else ","
        names: list[str] = []
        for cells in _cells(lines, first, mark):
            where = f"line {lines.line}"
            if not names:
                names = cells
                _check_columns(names)
            elif len(cells) != len(names):
                raise CampaignError(where, "cells", cells=len(cells), columns=len(names))
            else:
                yield of_columns(dict(zip(names, cells, strict=True)), where), where


def _cells(lines: _Reader, first: str, mark: str) -> Iterator[list[str]]:
    try:
        yield from filter(None, csv.reader(chain([first], lines), delimiter=mark, strict=True))
    except csv.Error as error:
        raise CampaignError(f"line {lines.line}", "no_row", message=error) from error


def _check_columns(names: list[str]) -> None:
    known = {*COLUMNS, *JOURNEY} - set(PLACES)
    if "at" not in names:
        raise CampaignError("line 1, column at", "no_at")
    for name in names:
        place, dot, kind = name.partition(".")
        if name not in known and not (place in PLACES and dot and kind):
            where = f"line 1, column {name!r}"
            raise CampaignError(where, "unknown_column", known=sorted(known))
        if names.count(name) > 1:
            raise CampaignError(f"line 1, column {name!r}", "column_twice")


def _lines(path: Path, told: Read) -> Iterator[tuple[dict[str, Any], str]]:
    with path.open("rb") as file:
        lines = _Reader(file, told)
        for line in lines:
            if line.strip():
                where = f"line {lines.line}"
                yield _object(line, where), where


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        check_depth(line, _DEPTH)
        found = _JSON.decode(line)
    except TooDeepError as error:
        raise CampaignError(where, "too_deep", most=_DEPTH) from error
    except json.JSONDecodeError as error:
        raise CampaignError(where, "no_json_line", message=error.msg, column=error.colno) from error
    except CampaignError as error:
        raise error.placed(where) from error
    except (ValueError, ArithmeticError) as error:  # a number with thousands of digits
        raise CampaignError(where, "number_too_long") from error
    return any_mapping(found, where)


def _whole(path: Path, told: Read) -> Iterator[tuple[dict[str, Any], str]]:
    size = path.stat().st_size
    if size > WHOLE_MOST:
        raise CampaignError("the file", "file_too_long", most=WHOLE_MOST // 1024**2)
    told(size)
    rows = [(action(row, where), row, where) for row, where in _journeys(read_file(path))]
    rows.sort(key=lambda one: one[0].at)
    yield from ((row, where) for _, row, where in rows)


def _journeys(data: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Of a list, of {"journeys": […]}, or of all cases of a campaign's facts."""
    if isinstance(data, list):
        yield from _merged(data, "$", {})
        return
    said = any_mapping(data, "$")
    defaults = any_mapping(said.get("defaults") or {}, "$.defaults").get("journey") or {}
    yield from _merged(said.get("journeys"), "$.journeys", defaults)
    for part in ("cases", "dense_cases"):
        for case, path in entries(said.get(part), f"$.{part}"):
            listed = any_mapping(case, path).get("journeys")
            yield from _merged(listed, f"{path}.journeys", defaults)


def _merged(
    listed: object, path: str, defaults: Mapping[str, Any]
) -> Iterable[tuple[dict[str, Any], str]]:
    for row, where in entries(listed, path):
        yield merged(defaults, any_mapping(row, where)), where

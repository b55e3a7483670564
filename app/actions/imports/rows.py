"""Reading a partner's CSV as a stream: fixed columns, one row at a time, never the whole file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

from app.actions.imports.options import COLUMNS, EXTRA_COLUMNS, REQUIRED, TOLD_COLUMNS

KNOWN = COLUMNS + EXTRA_COLUMNS
WIDTH = len(KNOWN)
POSITION = {name: index for index, name in enumerate(KNOWN + TOLD_COLUMNS)}
_SHOWN = 60  # characters of a column's name
_UNIT = "\x1f"

Row = tuple[str, ...]


class BadFileError(ValueError):
    """The file as a whole cannot be read: `code` says why, `detail` names the culprit."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def read_rows(lines: Iterable[str]) -> Iterator[Row | None]:
    """Each row's values in the order of KNOWN, and of TOLD_COLUMNS where the header has one of
    them; or None for a row of the wrong width.

    Raises BadFileError for a header that lacks, repeats or does not know a column.
    """
    reader = csv.reader(lines, strict=True)
    header = _header(reader)
    _check_columns(header)
    width = len(header)
    names = KNOWN if set(TOLD_COLUMNS).isdisjoint(header) else KNOWN + TOLD_COLUMNS
    placed = itemgetter(*(header.index(name) if name in header else width for name in names))
    try:
        for values in reader:
            yield placed((*values, "")) if len(values) == width else None
    except (csv.Error, UnicodeDecodeError) as error:
        raise _unreadable(error, reader.line_num) from error


def canonical(values: Sequence[str] | None) -> bytes:
    """What is signed of a row: its values in the order of KNOWN, whatever the file's order; then
    those of TOLD_COLUMNS, unless all of them are empty."""
    if values is None:
        return b""
    return _UNIT.join(values if tells(values) else values[:WIDTH]).encode()


def tells(values: Sequence[str]) -> bool:
    """Whether a row says more than who went from where to where."""
    return len(values) > WIDTH and any(values[WIDTH:])


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        return [name.strip().removeprefix("\ufeff") for name in next(reader)]
    except StopIteration:
        raise BadFileError("file-empty") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise _unreadable(error, 1) from error


def _unreadable(error: Exception, line: int) -> BadFileError:
    text = not isinstance(error, UnicodeDecodeError)
    return BadFileError("file-unreadable" if text else "file-not-utf8", f"line {line}")


def _shown(name: str) -> str:
    """It is kept with the job, where a sign that can't be printed might not even be stored."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name[:_SHOWN])


def _check_columns(header: Sequence[str]) -> None:
    for name in header:
        if name not in POSITION:
            raise BadFileError("column-unknown", _shown(name))
    for name in header:
        if header.count(name) > 1:
            raise BadFileError("column-twice", name)
    for name in sorted(REQUIRED):
        if name not in header:
            raise BadFileError("column-missing", name)

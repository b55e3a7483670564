"""A person's data to take with them: a ZIP with each part as JSON and as CSV, read as it goes.

`manifest.json` has the SHA-256 of every other file; `README.txt` says in both languages what each
holds. Amounts are in cents, times in UTC, bytes in hexadecimal.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import Enum
from hashlib import sha256
from io import TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from app.privacy.service import Actor, Ref, open_sealed
from app.rights.part import Part
from app.rights.parts import PARTS

FORMAT = "civis-export/1"
_PURPOSE = "own_data"
_ROWS = 500  # read at a time
_IN_MEMORY = 1 << 22  # bytes, then on disk
_COPIED = 1 << 16

Row = dict[str, Any]


def export(session: Session, person_id: UUID, now: datetime) -> IO[bytes]:
    """The archive, at its beginning. The caller closes it. Raises Problem data-erased."""
    spool = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - handed on
    with ZipFile(spool, "w", ZIP_DEFLATED) as archive:
        files: dict[str, dict[str, Any]] = {}
        for part in PARTS:
            files |= _write_part(archive, part, _rows(session, part, person_id))
        files |= _write(archive, "README.txt", _readme().encode())
        manifest = {"format": FORMAT, "made_at": _plain(now), "files": files}
        archive.writestr("manifest.json", json.dumps(manifest, indent=2))
    spool.seek(0)
    return spool


def _rows(session: Session, part: Part, person_id: UUID) -> Iterator[Row]:
    found = session.execute(
        text(part.query), {"person": person_id}, execution_options={"yield_per": _ROWS}
    )
    for row in found.mappings():
        shown: Row = {}
        for name in row:
            value = _opened(session, part, person_id, row, name)
            if part.members and name in (part.sealed or {}):
                entry = json.loads(value)
                shown |= {member: entry[member] for member in part.members}
            else:
                shown[name.removesuffix("_sealed")] = value
        yield shown


def _opened(session: Session, part: Part, person_id: UUID, row: RowMapping, name: str) -> Any:
    table, value = (part.sealed or {}).get(name), row[name]
    if table is None or value is None:
        return _plain(value)
    ref, own = Ref(table, name, row["id"]), Actor.subject(person_id)
    return open_sealed(session, person_id, ref, value, purpose=_PURPOSE, actor=own)


def _plain(value: Any) -> Any:
    """As JSON has it."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | UUID():
            return str(value)
        case bytes() | memoryview():
            return "0x" + bytes(value).hex()
        case Enum():
            return value.value
    return value


def _write_part(archive: ZipFile, part: Part, rows: Iterator[Row]) -> dict[str, dict[str, Any]]:
    """Read once: the CSV waits in a file of its own while the JSON is written."""
    with SpooledTemporaryFile(_IN_MEMORY) as waiting:
        columns = TextIOWrapper(waiting, "utf-8", newline="", write_through=True)
        table, count = csv.writer(columns), 0
        name = f"{part.name}.json"
        with _Hashed(archive, name) as lines:
            for count, row in enumerate(rows, start=1):
                if count == 1:
                    table.writerow(row)
                table.writerow(map(_cell, row.values()))
                lines.write(("[\n" if count == 1 else ",\n") + json.dumps(row, ensure_ascii=False))
            lines.write("\n]\n" if count else "[]\n")
        columns.flush()
        waiting.seek(0)
        named = f"{part.name}.csv"
        with _Hashed(archive, named) as table_file:
            for content in iter(lambda: waiting.read(_COPIED), b""):
                table_file.write(content)
        columns.detach()
    return {name: lines.said | {"rows": count}, named: table_file.said}


def _cell(value: Any) -> Any:
    """A spreadsheet runs what begins like a formula: a quote before it makes it text."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value[:1] in "=+-@\t\r" and value:
        return "'" + value
    return value


class _Hashed:
    """A file of the archive, hashed while it is written."""

    def __init__(self, archive: ZipFile, name: str) -> None:
        self._file, self._hash, self._size = archive.open(name, "w"), sha256(), 0

    def __enter__(self) -> _Hashed:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, words: str | bytes) -> None:
        content = words.encode() if isinstance(words, str) else words
        self._file.write(content)
        self._hash.update(content)
        self._size += len(content)

    @property
    def said(self) -> dict[str, Any]:
        return {"sha256": self._hash.hexdigest(), "bytes": self._size}


def _write(archive: ZipFile, name: str, content: bytes) -> dict[str, dict[str, Any]]:
    with _Hashed(archive, name) as file:
        file.write(content)
    return {name: file.said}


def _readme() -> str:
    parts = "\n".join(f"{p.name}: {p.fr}\n{' ' * len(p.name)}  {p.en}" for p in PARTS)
    return f"""Vos données dans Civis / Your data in Civis

Chaque partie existe en JSON (.json) et en tableau (.csv). Montants en centimes, heures en UTC,
octets en hexadécimal. manifest.json donne l’empreinte SHA-256 de chaque fichier.
Each part is there as JSON (.json) and as a table (.csv). Amounts in cents, times in UTC, bytes in
hexadecimal. manifest.json has the SHA-256 of each file.

{parts}
"""

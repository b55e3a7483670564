"""Which version of what is kept outside holds at a moment, and what it says.

Versions are added only, so what was read once stays right until there are more: `GENERATION` tells
it within another statement, and a recording asks nothing of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Text, cast, func, literal_column, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.rewards.language.action import MissingOutsideError, Outside
from app.rewards.outside.documents import outside
from app.rewards.outside.models import OutsideData

Name = tuple[str, str]  # kind, name
KINDS = {"calendars": "calendar", "zones": "zone", "numbers": "number"}
GENERATION = select(
    func.concat(func.count(), literal_column("':'"), func.max(cast(col(OutsideData.id), Text)))
).scalar_subquery()


class Entry(NamedTuple):
    """A version, without what it says."""

    id: UUID
    kind: str
    name: str
    version: int
    valid_from: datetime
    hash: bytes

    def to_json(self) -> list[Any]:
        """As an evaluation keeps it."""
        return [self.kind, self.name, self.version]


class Index:
    """Every version there is, newest first."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._by_name: dict[Name, list[Entry]] = {}
        for entry in entries:
            self._by_name.setdefault((entry.kind, entry.name), []).append(entry)
        newest = max((str(entry.id) for entry in entries), default="")
        self.generation = f"{len(entries)}:{newest}"

    def holding(self, names: Iterable[Name], at: datetime) -> tuple[Entry, ...]:
        """The version of each that holds. Raises MissingOutsideError."""
        return tuple(self._one(name, lambda entry: entry.valid_from <= at) for name in names)

    def given(self, kept: Iterable[Sequence[Any]]) -> tuple[Entry, ...]:
        """The versions that an evaluation was made with. Raises MissingOutsideError."""
        return tuple(
            self._one((kind, name), lambda entry, version=version: entry.version == version)
            for kind, name, version in kept
        )

    def newest(self, name: Name) -> Entry | None:
        return next(iter(self._by_name.get(name, ())), None)

    def _one(self, name: Name, wanted: Any) -> Entry:
        for entry in self._by_name.get(name, ()):
            if wanted(entry):
                return entry
        raise MissingOutsideError(*name)


_LAST: list[Index] = []  # the one that was read last, in this process


def index(session: Session, generation: str | None = None) -> Index:
    """`generation`: what the caller read just now; without it all is read."""
    if generation is not None and _LAST and _LAST[0].generation == generation:
        return _LAST[0]
    o = OutsideData
    query = select(
        col(o.id), col(o.kind), col(o.name), col(o.version), col(o.valid_from), col(o.hash)
    ).order_by(col(o.version).desc())
    rows = session.execute(query)
    found = Index([Entry(row[0], row[1].value, row[2], row[3], row[4], row[5]) for row in rows])
    _LAST[:] = [found]
    return found


def names_in(rules: Mapping[str, Any]) -> tuple[Name, ...]:
    """What a general rule set leaves to outside, each once."""
    said = rules.get("outside", {})
    found = [(KINDS[kind], name) for kind in sorted(said) for name in said[kind]]
    return tuple(dict.fromkeys(found))


def read(session: Session, entries: Iterable[Entry]) -> Outside:
    """What these versions say."""
    by_id = {entry.id: (entry.kind, entry.name) for entry in entries}
    if not by_id:
        return Outside()
    query = select(col(OutsideData.id), col(OutsideData.data)).where(col(OutsideData.id).in_(by_id))
    return outside({by_id[key]: data for key, data in session.execute(query)})

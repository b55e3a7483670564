"""One kind of row of a person's export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """`sealed` columns are opened on the way out: column -> the table whose row `id` it lies in.

    `members`: a sealed column of JSON gives these members in its place.
    """

    name: str
    tables: tuple[str, ...]
    query: str
    en: str
    fr: str
    sealed: Mapping[str, str] | None = None
    members: tuple[str, ...] = ()

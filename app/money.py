"""Amounts as a sentence says them: cents in the code, euros in the reader's language."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

_NARROW, _FIXED = "\u202f", "\u00a0"  # spaces at which no line breaks


@runtime_checkable
class Told(Protocol):
    """A value that each language writes in its own way."""

    def said(self, language: str) -> str: ...


class Euros(int):
    """An integer of cents; `said` is how a page in that language writes it."""

    def said(self, language: str) -> str:
        sign = "-" if self < 0 else ""
        whole, cents = divmod(abs(int(self)), 100)
        if language == "en":
            return f"{sign}€{whole:,}.{cents:02d}"
        return f"{sign}{whole:,}".replace(",", _NARROW) + f",{cents:02d}{_FIXED}€"

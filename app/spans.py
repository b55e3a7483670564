"""How many days, as a sentence says it: "1 day", "30 jours"."""

from __future__ import annotations

_WORDS = {"en": ("day", "days"), "fr": ("jour", "jours")}


class Days(int):
    """A count of days; `said` is how a sentence in that language has it."""

    def said(self, language: str) -> str:
        one, many = _WORDS.get(language, _WORDS["en"])
        single = abs(self) < 2 if language == "fr" else abs(self) == 1
        return f"{int(self)} {one if single else many}"

"""JSON from outside is measured before it is parsed.

A library of the chain world raises Python's recursion limit to 100,000 when it is imported, and
then a body of nothing but brackets overruns the parser's C stack: the process is gone. So depth is
bounded here, in linear time, whatever the limit is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST = 100
# A text that never ends runs to the end: the pattern never fails, so it never goes back.
_MARKS = re.compile(r'"(?:[^"\\]+|\\.?)*+(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)


@dataclass(frozen=True)
class Unlike:
    """What of a body is no JSON, in the reader's language; the parser itself knows English only."""

    en: str
    fr: str = "ce n’est plus du JSON"

    def said(self, language: str) -> str:
        return self.fr if language == "fr" else self.en


TOO_DEEP = Unlike("nested too deeply", "imbrication trop profonde")
TOO_LONG = Unlike("a number is too long", "un nombre est trop long")


class TooDeepError(ValueError):
    """Nested deeper than anything that we are sent in earnest."""


def check_depth(text: str, most: int = MOST) -> None:
    """Raises TooDeepError. Text that is no JSON is left to the parser."""
    if text.count("[") + text.count("{") <= most:
        return
    depth = 0
    for mark in _MARKS.finditer(text):
        sign = mark.group()
        if sign in "[{":
            depth += 1
            if depth > most:
                raise TooDeepError("nested too deeply")
        elif sign in "]}":
            depth -= 1

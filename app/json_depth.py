"""JSON from outside is measured before it is parsed.

A library of the chain world raises Python's recursion limit to 100,000 when it is imported, and
then a body of nothing but brackets overruns the parser's C stack: the process is gone. So depth is
bounded here, in linear time, whatever the limit is.
"""

from __future__ import annotations

import re

MOST = 100
# A text that never ends runs to the end: the pattern never fails, so it never goes back.
_MARKS = re.compile(r'"(?:[^"\\]+|\\.?)*+(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)


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

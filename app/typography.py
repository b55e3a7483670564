"""French signs stay with the word that they belong to: a no-break space, wherever the text is kept.

The sources write plain spaces; this is for their own words, before anybody's are filled in.
"""

from __future__ import annotations

import re

_BEFORE = re.compile(r"(?<=\S) (?=[:;!?»€](?:[\s.,;:)]|$))")
_AFTER = re.compile(r"(?<=«) ")


def with_breaks_kept(text: str) -> str:
    """Leaves English as it is: no sign of it stands after a space."""
    return _AFTER.sub("\u00a0", _BEFORE.sub("\u00a0", text))

"""French signs as they are printed: a no-break space keeps them at their word, wherever the text is
kept, and an apostrophe is curved.

The sources write plain spaces, and the data files plain apostrophes too, since hashes stand over
them; this is for their own words, before anybody's are filled in.
"""

from __future__ import annotations

import re
from typing import Any

_BEFORE = re.compile(r"(?<=\S) (?=[:;!?»€%](?:[\s.,;:)]|$))")
_AFTER = re.compile(r"(?<=«) ")
ELISION = re.compile(r"(?i)(?<!\w)([ldnscjmt]|\w*qu|aujourd|presqu|entr)'(?=[\w{%«]|$)")


def with_breaks_kept(text: str) -> str:
    """Leaves English as it is: no sign of it stands after a space."""
    return _AFTER.sub("\u00a0", _BEFORE.sub("\u00a0", text))


def printed(data: Any, *, french: bool = False) -> Any:
    """Data with its French texts, which stand somewhere under "fr", as they are printed."""
    if isinstance(data, dict):
        return {name: printed(one, french=french or name == "fr") for name, one in data.items()}
    if isinstance(data, list | tuple):
        return type(data)(printed(one, french=french) for one in data)
    if french and isinstance(data, str):
        return ELISION.sub(r"\1’", with_breaks_kept(data))
    return data

"""What a restored database is told of a row that was sent after its backup, kind by kind.

The owner of a kind writes its own rows again as they were, from the row itself, the ids that were
kept with it, and its artefacts. It must be safe to repeat, never commits, and answers with remarks
for the operator: what is gone for good, each a sentence. What must not be is an Unmatched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.outbox.models import OutboxItem


class Unmatched(Exception):  # noqa: N818 - it is a state of the world
    """What the chain holds and our lists contradict or don't know: the doors stay shut."""


@dataclass(frozen=True)
class Came:
    """`item` is in the books again; `executed`: its transaction succeeded and is mined, and the
    desk did not skip it; `new`: the books knew nothing of it."""

    item: OutboxItem
    about: dict[str, Any]
    executed: bool
    new: bool
    artefacts: Path
    now: datetime


Again = Callable[[Session, Came], list[str]]

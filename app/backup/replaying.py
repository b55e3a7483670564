"""The journal's ends and erasures, done again in a database that has forgotten them.

Whatever is done already stays as it is. An entry whose transaction may not have committed is done
too where it only stops something; an erasure can't be undone, so such a one is told to the
operator. What the books don't know any more needs no end.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from app import journal
from app.backup.ends import AGAIN, is_erased
from app.journal import Reading


@dataclass
class Replayed:
    """`done` by kind; `unsure`: erasures that only the operator can judge."""

    done: Counter[str] = field(default_factory=Counter)
    unsure: list[str] = field(default_factory=list)


def replay(session: Session, reading: Reading, now: datetime) -> Replayed:
    """In the journal's order. Never commits."""
    replayed = Replayed()
    for entry in reading.entries:
        again = AGAIN.get(entry.kind)
        if again is None:
            continue
        if entry.kind == journal.ERASED and not entry.done:
            if not is_erased(session, entry):
                replayed.unsure.append(entry.ids["subject"])
        elif again(session, entry, now):
            replayed.done[entry.kind] += 1
        session.flush()
    return replayed

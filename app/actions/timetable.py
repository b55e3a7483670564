"""When an action may be undone and when it is credited: both shown to everybody beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.actions.models import Channel, ProofLevel


@dataclass(frozen=True)
class Terms:
    """What recording must know of a programme, whatever its money does."""

    programme_id: UUID
    chain_id: bytes
    zone: ZoneInfo
    first_day: date
    last_day_to_earn: date
    running: bool
    over: bool  # nothing is recorded any more; what neither runs nor is over, may yet run
    undo: timedelta
    delay_attested: timedelta
    delay_evidenced: timedelta
    max_age_days: int
    action_types: frozenset[str]


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day where the deed was done."""
    return moment.astimezone(zone).date()


def undo_until(terms: Terms, recorded_at: datetime) -> datetime:
    return recorded_at + terms.undo


def due_at(
    terms: Terms,
    *,
    proof_level: ProofLevel,
    channel: Channel,
    deed_at: datetime,
    recorded_at: datetime,
) -> datetime:
    """Attested and measured: a delay after recording. Evidenced and imported: a longer one after
    the deed. Never before the undo has run out."""
    undone = undo_until(terms, recorded_at)
    slow = channel is Channel.PARTNER or proof_level in (ProofLevel.DECLARED, ProofLevel.EVIDENCED)
    if slow:
        return max(undone, deed_at + terms.delay_evidenced)
    return max(undone, recorded_at + terms.delay_attested)
